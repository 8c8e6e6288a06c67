#include <array>

#include <dlfcn.h>
#include <fmt/format.h>

#include "video/ffmpeg_impl.hpp"

namespace perch::video {

#define PERCH_DEFINE(library, function) decltype(&::function) function = nullptr;  // NOLINT(bugprone-macro-parentheses)
PERCH_FFMPEG_FUNCTIONS(PERCH_DEFINE)  // NOLINT(readability-identifier-naming): the names are FFmpeg's
#undef PERCH_DEFINE

namespace {

/// The libraries of the versions that the headers are of: what they declare differs from one to the next.
struct Libraries {
  void* avutil = nullptr;
  void* avcodec = nullptr;
  void* avformat = nullptr;
  void* swscale = nullptr;
};

Result<Libraries> open_libraries() {
  Libraries opened;
  PERCH_TRY(opened.avutil, open_library("avutil", LIBAVUTIL_VERSION_MAJOR));
  PERCH_TRY(opened.avcodec, open_library("avcodec", LIBAVCODEC_VERSION_MAJOR));
  PERCH_TRY(opened.avformat, open_library("avformat", LIBAVFORMAT_VERSION_MAJOR));
  PERCH_TRY(opened.swscale, open_library("swscale", LIBSWSCALE_VERSION_MAJOR));
  return opened;
}

/// Errors: unsupported (a function is not in its library).
template <class Function>
Result<void> find(void* library, const char* name, Function*& function) {
  function = reinterpret_cast<Function*>(dlsym(library, name));
  if (!function) return fail(Errc::unsupported, fmt::format("this FFmpeg has no {}", name), {}, "install another one");
  return {};
}

Result<void> open_all() {
  PERCH_TRY(const Libraries libraries, open_libraries());
#define PERCH_FIND(library, function) PERCH_CHECK(find(libraries.library, #function, function));
  PERCH_FFMPEG_FUNCTIONS(PERCH_FIND)
#undef PERCH_FIND
  av_log_set_level(AV_LOG_QUIET);
  return {};
}

}  // namespace

Result<void*> open_library(std::string_view name, int version) {
  const std::string file = fmt::format("lib{}.so.{}", name, version);
  if (void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
  return fail(Errc::not_found, fmt::format("FFmpeg, which reads clips and streams, cannot be opened: {}", dlerror()),
              {}, fmt::format("install it; Debian's package is lib{}{}", name, version));
}

Result<void> open_ffmpeg() {
  static const Result<void> opened = open_all();
  return opened;
}

std::string words_of(int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return text.data();
}

}  // namespace perch::video
