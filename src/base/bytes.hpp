#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace perch {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// Immutable bytes with shared ownership: a picture as it came from a camera. Never null.
class SharedBytes {
 public:
  SharedBytes() : bytes_(empty()) {}

  explicit SharedBytes(Bytes bytes) : bytes_(std::make_shared<const Bytes>(std::move(bytes))) {}

  ByteView view() const { return *bytes_; }

  std::size_t size() const { return bytes_->size(); }

 private:
  static const std::shared_ptr<const Bytes>& empty();
  std::shared_ptr<const Bytes> bytes_;
};

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Reads a whole file of at most `limit_bytes`. Errors: not_found, denied, invalid (a folder), too_large, io.
/// @thread any, blocks
Result<Bytes> read_file(const std::filesystem::path& path, std::size_t limit_bytes = std::size_t{1} << 30);

/// Replaces a file so that a crash leaves either the old or the new content: written beside it, synced, renamed.
/// Errors: not_found (its folder), denied, full, io. @thread any, blocks
Result<void> write_file(const std::filesystem::path& path, ByteView bytes);

/// SHA-256 in lower-case hexadecimal, 64 characters.
std::string sha256_hex(ByteView bytes);

}  // namespace perch
