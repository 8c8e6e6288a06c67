# Warnings, sanitizers and the compiler cache: what every target of the project is compiled with.
add_library(perch_compiler INTERFACE)
target_compile_options(perch_compiler INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wold-style-cast
                                                -Wimplicit-fallthrough -Werror)

# One code model for libraries and programs, so that they share a precompiled header.
add_compile_options(-fPIE)
add_link_options(-pie -fuse-ld=lld-19)
if(PERCH_SANITIZE)
  add_compile_options(-fsanitize=${PERCH_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PERCH_SANITIZE})
  if(PERCH_SANITIZE MATCHES "undefined")
    add_compile_options("-fsanitize-ignorelist=${CMAKE_SOURCE_DIR}/cmake/undefined_ignored.txt")
  endif()
endif()

# The compiler cache needs to be told that precompiled headers are safe to reuse. What a file depends on it takes from the
# compiler, which spares it to preprocess each file that it does not know.
find_program(PERCH_CCACHE ccache)
if(PERCH_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env CCACHE_DEPEND=1
                                  CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_ctime,include_file_mtime
                                  "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" "${PERCH_CCACHE}")
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang$<SEMICOLON>-fno-pch-timestamp>)
endif()

# perch_watch_for_fuzzers(TARGET): fuzzers see which code of TARGET their inputs reach. It costs time wherever numbers are
# compared, so only what parses their inputs is watched. The same as -fsanitize=fuzzer-no-link, which does not go with the
# shared precompiled header.
function(perch_watch_for_fuzzers target)
  if(PERCH_FUZZ)
    target_compile_options(${target} PRIVATE
      -fsanitize-coverage=inline-8bit-counters,indirect-calls,trace-cmp,pc-table
      "-fsanitize-coverage-allowlist=${CMAKE_SOURCE_DIR}/cmake/fuzz_watched.txt")
  endif()
endfunction()
