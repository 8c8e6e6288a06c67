#include <doctest/doctest.h>

#include "video/ffmpeg_impl.hpp"

namespace perch::video {

TEST_CASE("a library of FFmpeg that is not installed is named, with the package that has it") {
  const auto library = open_library("avformat", 1);
  REQUIRE_FALSE(library);
  CHECK(library.error().code == Errc::not_found);
  CHECK(library.error().what.find("libavformat.so.1: ") != std::string::npos);
  CHECK(library.error().remedy.find("libavformat1") != std::string::npos);
}

TEST_CASE("once FFmpeg is open its functions answer") {
  REQUIRE(open_ffmpeg());
  CHECK(std::string(avcodec_get_name(AV_CODEC_ID_H264)) == "h264");
}

}  // namespace perch::video
