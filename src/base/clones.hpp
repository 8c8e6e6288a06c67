#pragma once

/// PERCH_CLONES before a function: it is compiled for old and for new processors, and the program, which serves both,
/// takes what its processor can do when it starts. Not with sanitizers: the chooser runs before they are ready.
#if defined(__x86_64__) && defined(__linux__) && !__has_feature(address_sanitizer) && \
    !__has_feature(thread_sanitizer) && !__has_feature(memory_sanitizer)
#define PERCH_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define PERCH_CLONES
#endif
