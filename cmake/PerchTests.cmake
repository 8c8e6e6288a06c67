# Functions that turn test files into CTest tests.
#
# A preset chooses which tests its build tree has (PERCH_TEST_MATCH, PERCH_TEST_LEAVE_OUT) and what stands before their names
# (PERCH_TEST_PREFIX), so that CTest can run several trees at once and still tell them apart.
option(PERCH_TESTS "Build the tests" ON)
set(PERCH_TEST_MATCH "" CACHE STRING "Regular expression: only tests whose name matches are built")
set(PERCH_TEST_LEAVE_OUT "" CACHE STRING "Regular expression: tests whose name matches are not built")
set(PERCH_TEST_PREFIX "" CACHE STRING "What the names of this build tree's tests begin with")

# The longest tests, which begin first, lest one is left to run alone when all others have ended: those that compute among
# those that wait, so that the cores have work from the beginning. CTest orders the others, by how long they last took.
set(perch_longest_tests
    e2e.edge e2e.bench e2e.train trainer.classify accuracy.int8_real e2e.discovery accuracy.boiler source.rtsp e2e.run
    journal.crash net.dns_sd scenes.room e2e.faults e2e.page)

# scripts/test gives CTest two places a core and six more. A test takes two of them; only those that mostly wait, for a
# time-out or for another process, take one.
set(perch_waiting_tests "^source[.](rtsp|mjpeg)$|^net[.]dns_sd$|^e2e[.](bench|edge|faults|discovery)$|^journal[.]service$")

# Builds the programs that this tree's tests run.
add_custom_target(perch_test_programs)

# OpenCV and torch bring OpenBLAS. Its idle threads look busily for work when a program starts: a fifth of what a short run
# costs under a sanitizer, and a quarter of what a program that loads torch does.
set(perch_test_environment "OPENBLAS_NUM_THREADS=1")
if(PERCH_SANITIZE)
  find_program(PERCH_SYMBOLIZER llvm-symbolizer-19)
  foreach(sanitizer ASAN LSAN MSAN TSAN UBSAN)
    if(PERCH_SYMBOLIZER)
      list(APPEND perch_test_environment "${sanitizer}_SYMBOLIZER_PATH=${PERCH_SYMBOLIZER}")
    endif()
  endforeach()
  list(APPEND perch_test_environment
       "ASAN_OPTIONS=detect_stack_use_after_return=1:check_initialization_order=1:strict_string_checks=1"
       "UBSAN_OPTIONS=print_stacktrace=1"
       "TSAN_OPTIONS=second_deadlock_stack=1")
endif()

# perch_test_wanted(RESULT NAME): whether this build tree has the test NAME.
function(perch_test_wanted result name)
  set(wanted OFF)
  if(PERCH_TESTS AND (NOT PERCH_TEST_MATCH OR name MATCHES "${PERCH_TEST_MATCH}"))
    set(wanted ON)
  endif()
  if(PERCH_TEST_LEAVE_OUT AND name MATCHES "${PERCH_TEST_LEAVE_OUT}")
    set(wanted OFF)
  endif()
  set(${result} ${wanted} PARENT_SCOPE)
endfunction()

# perch_add_test(NAME [TIMEOUT seconds] [PROPERTIES name value …] COMMAND program argument…): a test, if this build tree
# has it. A program that is a target is built with the tests.
function(perch_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "PROPERTIES;COMMAND")
  perch_test_wanted(wanted ${name})
  if(NOT wanted)
    return()
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set(test "${PERCH_TEST_PREFIX}${name}")
  add_test(NAME ${test} COMMAND ${arg_COMMAND})
  set(places 2)
  if(name MATCHES "${perch_waiting_tests}")
    set(places 1)
  endif()
  set_tests_properties(${test} PROPERTIES TIMEOUT ${arg_TIMEOUT} PROCESSORS ${places}
                                          ENVIRONMENT "${perch_test_environment}")
  list(FIND perch_longest_tests ${name} rank)
  if(NOT rank EQUAL -1)
    math(EXPR cost "1000 - ${rank}")
    set_tests_properties(${test} PROPERTIES COST ${cost})
  endif()
  if(arg_PROPERTIES)
    set_tests_properties(${test} PROPERTIES ${arg_PROPERTIES})
  endif()
  list(GET arg_COMMAND 0 program)
  if(TARGET ${program})
    add_dependencies(perch_test_programs ${program})
  endif()
endfunction()

# perch_tests(NAME LIBRARY [TOGETHER] FILE…): one program of doctest cases; one CTest test a file, called NAME.FILE, or one for
# all, NAME.files, where the program takes long to start.
# A file called *_real_test.cpp needs the real pictures and is skipped, saying so, where they are absent.
function(perch_tests name library)
  cmake_parse_arguments(PARSE_ARGV 2 arg "TOGETHER" "" "")
  set(wanted_files "")
  foreach(file IN LISTS arg_UNPARSED_ARGUMENTS)
    perch_test_label(label "${file}")
    perch_test_wanted(wanted ${name}.${label})
    if(wanted)
      list(APPEND wanted_files "${file}")
    endif()
  endforeach()
  if(NOT wanted_files)
    return()
  endif()
  add_executable(perch_${name}_test ${wanted_files})
  if(name MATCHES "^(vision|pipeline)$")  # whose tests paint pictures pixel by pixel
    perch_use_pch(perch_${name}_test)
  else()
    perch_use_waiting_pch(perch_${name}_test)
  endif()
  target_link_libraries(perch_${name}_test PRIVATE ${library} perch_test_support)
  if(arg_TOGETHER)
    perch_add_test(${name}.files COMMAND perch_${name}_test --no-intro --no-version)
    return()
  endif()
  foreach(file IN LISTS wanted_files)
    perch_test_label(label "${file}")
    get_filename_component(file_name "${file}" NAME)
    set(skip "")
    if(label MATCHES "_real$")
      set(skip PROPERTIES SKIP_REGULAR_EXPRESSION "\\[skipped\\]")
    endif()
    perch_add_test(${name}.${label} ${skip}
                   COMMAND perch_${name}_test "--source-file=*/${file_name}" --no-intro --no-version)
  endforeach()
endfunction()

function(perch_test_label result file)
  get_filename_component(stem "${file}" NAME_WE)
  string(REGEX REPLACE "_test$" "" label "${stem}")
  set(${result} "${label}" PARENT_SCOPE)
endfunction()
