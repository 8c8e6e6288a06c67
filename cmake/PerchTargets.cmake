# Functions that turn folders into targets.

# The precompiled header: made once, used by every library and test.
file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/perch_pch.cpp" CONTENT "// Holds the precompiled header.\n")
function(perch_make_pch target)
  add_library(${target} OBJECT "${CMAKE_BINARY_DIR}/perch_pch.cpp")
  target_link_libraries(${target} PRIVATE perch_compiler fmt::fmt)
  target_compile_options(${target} PRIVATE ${ARGN})
  target_precompile_headers(${target} PRIVATE
    <algorithm> <array> <atomic> <chrono> <cmath> <condition_variable> <cstdint> <deque> <filesystem> <functional> <map>
    <memory> <mutex> <optional> <span> <string> <string_view> <thread> <tuple> <utility> <variant> <vector>
    <fmt/format.h> <tl/expected.hpp>)
endfunction()
perch_make_pch(perch_pch)

# Under sanitizers the code of the tests themselves is not optimised: that takes half of the time it takes to compile them.
set(perch_test_options "")
if(PERCH_SANITIZE)
  set(perch_test_options -O0)
endif()
perch_make_pch(perch_test_pch ${perch_test_options})

function(perch_use_pch target)
  target_precompile_headers(${target} REUSE_FROM perch_pch)
  target_link_libraries(${target} PRIVATE perch_compiler fmt::fmt)
endfunction()

function(perch_use_test_pch target)
  target_precompile_headers(${target} REUSE_FROM perch_test_pch)
  target_link_libraries(${target} PRIVATE perch_compiler fmt::fmt)
  target_compile_options(${target} PRIVATE ${perch_test_options})
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
