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

# Most of the code waits for others: for the network, the disk, a person, the model. Under sanitizers it is not optimised, and
# neither is the code of the tests themselves: that takes half of the time it takes to compile them. What computes on every
# pixel is.
set(perch_waiting_options "")
if(PERCH_SANITIZE)
  set(perch_waiting_options -O0)
  perch_make_pch(perch_waiting_pch ${perch_waiting_options})
  add_dependencies(perch_pch perch_waiting_pch)
endif()
set(perch_computing_layers base image vision)

# What parses bytes from outside.
set(perch_fuzzed_layers base config net image model journal learn edge)

# perch_unity(TARGET): in trees with PERCH_UNITY the files that TARGET has so far are compiled several at a time, as one
# unit that includes them all: their headers are read once, their templates instantiated once. Files in which the same name
# means different things are put in different units by unity_groups.awk, so that nobody needs to think of it.
function(perch_unity target)
  if(NOT PERCH_UNITY)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  list(FILTER sources INCLUDE REGEX "\\.cpp$")
  list(LENGTH sources count)
  if(count LESS 2)
    return()
  endif()
  set(files "")
  foreach(source IN LISTS sources)
    cmake_path(ABSOLUTE_PATH source)
    if(EXISTS "${source}")
      list(APPEND files "${source}")
    endif()
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/cmake/unity_groups.awk")
  execute_process(COMMAND awk -v most=16 -f "${CMAKE_SOURCE_DIR}/cmake/unity_groups.awk" ${files}
                  OUTPUT_VARIABLE lines OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "\n" ";" lines "${lines}")
  foreach(line IN LISTS lines)
    string(REGEX MATCH "^([0-9]+)\t(.*)$" matched "${line}")
    set_source_files_properties("${CMAKE_MATCH_2}" PROPERTIES UNITY_GROUP ${CMAKE_MATCH_1})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()

function(perch_use_pch target)
  perch_unity(${target})
  target_precompile_headers(${target} REUSE_FROM perch_pch)
  target_link_libraries(${target} PRIVATE perch_compiler fmt::fmt)
endfunction()

# The same for what waits, and for tests.
function(perch_use_waiting_pch target)
  if(NOT perch_waiting_options)
    perch_use_pch(${target})
    return()
  endif()
  perch_unity(${target})
  target_precompile_headers(${target} REUSE_FROM perch_waiting_pch)
  target_link_libraries(${target} PRIVATE perch_compiler fmt::fmt)
  target_compile_options(${target} PRIVATE ${perch_waiting_options})
endfunction()

# perch_library(NAME): src/NAME/*.cpp → perch_NAME, and src/NAME/*_test.cpp → perch_NAME_test with one CTest a file.
# What it links stands in src/NAME/deps.cmake; what its tests need beyond that, in src/NAME/test_deps.cmake.
function(perch_library name)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${name}/*.cpp")
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  add_library(perch_${name} STATIC ${sources})
  target_include_directories(perch_${name} PUBLIC "${CMAKE_SOURCE_DIR}/src")
  if(name IN_LIST perch_computing_layers)
    perch_use_pch(perch_${name})
  else()
    perch_use_waiting_pch(perch_${name})
  endif()
  if(name IN_LIST perch_fuzzed_layers)
    perch_watch_for_fuzzers(perch_${name})
  endif()
  perch_check_headers(perch_${name} "${CMAKE_SOURCE_DIR}/src" ${name})
  include("${CMAKE_SOURCE_DIR}/src/${name}/deps.cmake")
  file(GLOB tests CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${name}/*_test.cpp")
  perch_tests(${name} perch_${name} ${tests})
  if(TARGET perch_${name}_test)
    include("${CMAKE_SOURCE_DIR}/src/${name}/test_deps.cmake" OPTIONAL)
  endif()
endfunction()
