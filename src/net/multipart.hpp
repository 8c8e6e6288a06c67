#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/jpeg_walk.hpp"

namespace perch::net {

struct MultipartLimits {
  std::size_t most_part_bytes = 16'000'000;
  std::size_t most_header_bytes = 16'384;
  std::size_t most_junk_bytes = 262'144;  ///< between parts, and before the first
};

/// One part of a stream: of a camera, one picture.
struct Part {
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  Bytes body;

  /// The value of a header; empty without one. `name` in lower case. Valid as long as the part.
  std::string_view header(std::string_view name) const;
};

/// Takes `multipart/x-mixed-replace` apart as it comes in, the way cameras really send it: any boundary, with or
/// without the dashes it should have, LF alone at line ends, `Content-Length` missing or wrong, anything before the
/// first part.
///
/// A JPEG ends where its own markers say, so a picture is handed out with its last byte, not with the next boundary. A
/// picture that breaks off ends at the next boundary or at the next start of image. Another part ends after its
/// `Content-Length`, or without one at the next boundary. Pure: no I/O; memory is bounded by the limits.
/// Source: RFC 2046, section 5.1. @thread the owner's
class MultipartParser {
 public:
  /// @param boundary as the content type has it; empty: the first line of the stream that starts with `--`
  explicit MultipartParser(std::string_view boundary, const MultipartLimits& limits = {});

  /// For the value of a `Content-Type` header. Errors: invalid when it is no multipart type.
  static Result<MultipartParser> for_content_type(std::string_view type, const MultipartLimits& limits = {});

  /// Takes the next bytes of the stream.
  void push(ByteView bytes);

  /// The next whole part; nothing when more bytes are needed. After an error there is nothing more to come.
  /// Errors: invalid (no boundary within the junk limit, with what came instead), too_large (a part or its header).
  Result<std::optional<Part>> next();

  /// The stream has ended: what is left when it is a whole part that only lacks the boundary after it.
  std::optional<Part> finish();

 private:
  enum class State : std::uint8_t { between, header, body };
  enum class Step : std::uint8_t { more, again, part };

  Result<Step> step();
  Result<Step> find_boundary();
  Result<Step> read_header();
  Result<Step> read_body();
  Result<Step> end_part(std::size_t length);
  void begin(State state);
  void learn_boundary();

  ByteView rest() const { return ByteView(buffer_).subspan(begin_); }

  /// Where a boundary stands, with its dashes, and where its text ends.
  struct Delimiter {
    std::size_t begin, end;
  };

  std::optional<Delimiter> find_delimiter(std::size_t limit);

  MultipartLimits limits_;
  std::string boundary_;  ///< without leading dashes, which cameras add and leave out at will
  Bytes buffer_;
  std::size_t begin_ = 0;    ///< where the unread part of `buffer_` begins
  std::size_t scanned_ = 0;  ///< how far after `begin_` no boundary begins
  State state_ = State::between;
  Part part_;
  std::optional<std::uint64_t> length_;  ///< the part's Content-Length
  std::optional<JpegWalk> walk_;
  std::optional<Error> failed_;
};

}  // namespace perch::net
