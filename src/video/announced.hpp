#pragma once
#include <cstdint>
#include <string>

namespace perch::video {

/// How long a file says it is, in bytes, where its container does: Matroska's segment, AVI's first RIFF chunk. FFmpeg
/// takes what is missing at the end of these for their regular end. 0: it does not say. @thread any, blocks
/// Source: RFC 8794 (EBML) section 4 to 6, RFC 9559 (Matroska) section 4.5.
std::int64_t announced_bytes(const std::string& path);

}  // namespace perch::video
