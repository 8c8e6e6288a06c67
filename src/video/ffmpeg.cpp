#include <array>
#include <mutex>

#include "video/ffmpeg_impl.hpp"

namespace perch::video {

std::string words_of(int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return text.data();
}

void silence_ffmpeg() {
  static std::once_flag silenced;
  std::call_once(silenced, [] { av_log_set_level(AV_LOG_QUIET); });
}

}  // namespace perch::video
