#pragma once

/// For what paints the pictures of tests, pixel by pixel: no sanitizer watches it, as that took longer than what the
/// tests are about.
#define PERCH_UNWATCHED __attribute__((no_sanitize("address", "thread", "undefined")))
