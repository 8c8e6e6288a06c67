# Functions that turn folders into targets.

# The precompiled header: made once, used by every library and test.
file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/perch_pch.cpp" CONTENT "// Holds the precompiled header.\n")
add_library(perch_pch OBJECT "${CMAKE_BINARY_DIR}/perch_pch.cpp")
target_link_libraries(perch_pch PRIVATE perch_compiler fmt::fmt)
target_precompile_headers(perch_pch PRIVATE
  <algorithm> <array> <atomic> <chrono> <cmath> <condition_variable> <cstdint> <deque> <filesystem> <functional> <map>
  <memory> <mutex> <optional> <span> <string> <string_view> <thread> <tuple> <utility> <variant> <vector>
  <fmt/format.h> <tl/expected.hpp>)

function(perch_use_pch target)
  target_precompile_headers(${target} REUSE_FROM perch_pch)
  target_link_libraries(${target} PRIVATE perch_compiler fmt::fmt)
endfunction()

# perch_library(NAME): src/NAME/*.cpp → perch_NAME, and src/NAME/*_test.cpp → perch_NAME_test with one CTest a file.
# What it links stands in src/NAME/deps.cmake; what its tests need beyond that, in src/NAME/test_deps.cmake.
function(perch_library name)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${name}/*.cpp")
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  add_library(perch_${name} STATIC ${sources})
  target_include_directories(perch_${name} PUBLIC "${CMAKE_SOURCE_DIR}/src")
  perch_use_pch(perch_${name})
  perch_check_headers(perch_${name} "${CMAKE_SOURCE_DIR}/src" ${name})
  include("${CMAKE_SOURCE_DIR}/src/${name}/deps.cmake")
  file(GLOB tests CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${name}/*_test.cpp")
  perch_tests(${name} perch_${name} ${tests})
  if(TARGET perch_${name}_test)
    include("${CMAKE_SOURCE_DIR}/src/${name}/test_deps.cmake" OPTIONAL)
  endif()
endfunction()
