#include "net/multipart.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "base/text.hpp"

namespace perch::net {

namespace {

constexpr std::size_t kNowhere = std::string_view::npos;
constexpr std::size_t kMostBoundaryBytes = 200, kMostDashes = 64;
/// A boundary this short could stand in a picture by chance; it counts only with its dashes.
constexpr std::size_t kShortBoundaryBytes = 4;
constexpr std::uint8_t kStartOfJpeg[] = {0xFF, 0xD8, 0xFF};

std::size_t find(ByteView in, ByteView what, std::size_t from) {
  if (from >= in.size()) return kNowhere;
  const void* at = ::memmem(in.data() + from, in.size() - from, what.data(), what.size());
  return at == nullptr ? kNowhere : static_cast<std::size_t>(static_cast<const std::uint8_t*>(at) - in.data());
}

bool starts_picture(ByteView bytes) {
  return bytes.size() >= 2 && bytes[0] == 0xFF && bytes[1] == 0xD8;
}

/// What may follow a boundary's text: the end of its line, or the dashes of the last one.
bool may_follow(std::uint8_t c) {
  return c == '\r' || c == '\n' || c == '-' || c == ' ' || c == '\t';
}

/// Whether this can be a boundary: printable ASCII, so it shares no byte with a JPEG marker.
bool is_boundary(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

std::string without_dashes(std::string_view boundary) {
  const std::size_t first = boundary.find_first_not_of('-');
  return std::string(first == kNowhere ? boundary : boundary.substr(first));
}

}  // namespace

std::string_view Part::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

MultipartParser::MultipartParser(std::string_view boundary, const MultipartLimits& limits)
    : limits_(limits),
      boundary_(without_dashes(boundary.substr(0, kMostBoundaryBytes))) {
  if (!is_boundary(boundary_)) boundary_.clear();
}

Result<MultipartParser> MultipartParser::for_content_type(std::string_view type, const MultipartLimits& limits) {
  const std::string lowered = lower_case(type);
  if (!trim(lowered).starts_with("multipart/"))
    return fail(Errc::invalid, "sends '" + printable(type, 60) + "', not a stream of pictures");
  const std::size_t name = lowered.find("boundary=");
  if (name == kNowhere) return MultipartParser("", limits);
  std::string_view value = trim(type.substr(name + 9));
  if (value.starts_with('"')) {
    value.remove_prefix(1);
    value = value.substr(0, value.find('"'));
  } else {
    value = trim(value.substr(0, value.find(';')));
  }
  return MultipartParser(value, limits);
}

void MultipartParser::push(ByteView bytes) {
  if (failed_) return;
  if (begin_ == buffer_.size()) {
    buffer_.clear();
    begin_ = 0;
  } else if (begin_ > buffer_.size() / 2) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
  }
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

Result<std::optional<Part>> MultipartParser::next() {
  for (;;) {
    if (failed_) return fail(*failed_);
    const auto done = step();
    if (!done) {
      failed_ = done.error();
      buffer_.clear();
      begin_ = 0;
      continue;
    }
    if (*done == Step::more) return std::optional<Part>{};
    if (*done == Step::part) return std::optional(std::exchange(part_, {}));
  }
}

std::optional<Part> MultipartParser::finish() {
  if (failed_ || state_ != State::body || walk_ || length_ || rest().empty()) return std::nullopt;
  part_.body.assign(rest().begin(), rest().end());
  begin_ = buffer_.size();
  begin(State::between);
  return std::exchange(part_, {});
}

Result<MultipartParser::Step> MultipartParser::step() {
  switch (state_) {
    case State::between:
      return find_boundary();
    case State::header:
      return read_header();
    case State::body:
      return read_body();
  }
  return Step::more;
}

void MultipartParser::begin(State state) {
  state_ = state;
  scanned_ = 0;
  walk_.reset();
}

/// The first boundary on a line of its own that stands, with the byte that follows it, within `limit` bytes. Remembers
/// how far there is none.
std::optional<MultipartParser::Delimiter> MultipartParser::find_delimiter(std::size_t limit) {
  if (boundary_.empty()) return std::nullopt;
  const ByteView all = rest(), text = as_bytes(boundary_);
  for (;;) {
    const std::size_t at = find(all, text, scanned_);
    if (at == kNowhere) {
      scanned_ = std::max(scanned_, all.size() - std::min(all.size(), text.size() - 1));
      return std::nullopt;
    }
    scanned_ = at;
    const std::size_t end = at + text.size();
    if (end >= limit || end == all.size()) return std::nullopt;
    std::size_t begin = at;
    while (begin > 0 && all[begin - 1] == '-' && at - begin < kMostDashes) --begin;
    const bool line_begins = begin == 0 || all[begin - 1] == '\n';
    const bool dashes = at - begin >= 2;
    const bool plausible = dashes ? line_begins || state_ == State::between
                                  : line_begins && (boundary_.size() > kShortBoundaryBytes || boundary_[0] == '-');
    if (plausible && may_follow(all[end])) return Delimiter{begin, end};
    ++scanned_;
  }
}

/// Takes the boundary from the first line that starts with two dashes, within the text before any picture.
void MultipartParser::learn_boundary() {
  const std::string_view text = as_text(rest()).substr(0, find(rest(), kStartOfJpeg, 0));
  for (std::size_t line = 0; line < text.size();) {
    const std::size_t end = text.find('\n', line);
    if (end == kNowhere) return;
    const std::string_view content = trim(text.substr(line, end - line));
    if (content.starts_with("--") && content.size() > 2 && content.size() <= kMostBoundaryBytes &&
        is_boundary(content)) {
      boundary_ = without_dashes(content);
      return;
    }
    line = end + 1;
  }
}

Result<MultipartParser::Step> MultipartParser::find_boundary() {
  if (boundary_.empty()) learn_boundary();
  const ByteView all = rest();
  const std::size_t scanned_before = scanned_;
  const auto delimiter = find_delimiter(kNowhere);
  // A picture may come without any boundary. It may begin just before where the last search ended.
  const std::size_t picture = find(all, kStartOfJpeg, scanned_before < 2 ? 0 : scanned_before - 2);
  const std::size_t first = std::min(delimiter ? delimiter->begin : kNowhere, picture);
  if (first == kNowhere || first > limits_.most_junk_bytes) {
    if (all.size() <= limits_.most_junk_bytes + kMostBoundaryBytes + kMostDashes) return Step::more;
    return fail(Errc::invalid, fmt::format("no picture within {}: it starts with '{}'",
                                           format_size(limits_.most_junk_bytes), printable(as_text(all), 40)));
  }
  part_ = {};
  length_.reset();
  if (picture == first) {
    begin_ += picture;
    begin(State::body);
    return Step::again;
  }
  const std::size_t line_limit = std::min(all.size(), delimiter->end + limits_.most_header_bytes);
  const std::size_t line_end = find(all.first(line_limit), as_bytes("\n"), delimiter->end);
  if (line_end == kNowhere) {
    scanned_ = delimiter->begin;
    if (line_limit < all.size()) return fail(Errc::too_large, "a boundary without an end of line");
    return Step::more;
  }
  const bool last = all[delimiter->end] == '-';
  begin_ += line_end + 1;
  begin(last ? State::between : State::header);
  return Step::again;
}

Result<MultipartParser::Step> MultipartParser::read_header() {
  const auto too_large = [&] {
    return fail(Errc::too_large,
                fmt::format("the header of a part is over {}", format_size(limits_.most_header_bytes)));
  };
  for (;;) {
    const ByteView all = rest();
    if (scanned_ >= limits_.most_header_bytes) return too_large();
    const ByteView line_on = all.subspan(std::min(scanned_, all.size()));
    if (starts_picture(line_on)) {  // the empty line is missing
      begin_ += scanned_;
      begin(State::body);
      return Step::again;
    }
    if (line_on.size() == 1 && line_on[0] == 0xFF) return Step::more;
    const std::size_t end = find(all.first(std::min(all.size(), limits_.most_header_bytes)), as_bytes("\n"), scanned_);
    if (end == kNowhere) {
      if (all.size() < limits_.most_header_bytes) return Step::more;
      return too_large();
    }
    const std::string_view line = trim(as_text(all.subspan(scanned_, end - scanned_)));
    scanned_ = end + 1;
    if (line.empty()) {
      begin_ += scanned_;
      begin(State::body);
      return Step::again;
    }
    if (line.starts_with('-') && without_dashes(line) == boundary_) {  // a part with neither header nor body
      part_.headers.clear();
      length_.reset();
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == kNowhere) continue;
    std::string name = lower_case(trim(line.substr(0, colon)));
    const std::string_view value = trim(line.substr(colon + 1));
    if (name == "content-length") {
      // A length beyond the limit is not believed; the part then ends where it ends.
      const auto length = parse_number<std::uint64_t>(value);
      if (length && *length <= limits_.most_part_bytes) length_ = length;
    }
    part_.headers.emplace_back(std::move(name), std::string(value));
  }
}

Result<MultipartParser::Step> MultipartParser::read_body() {
  const ByteView all = rest();
  if (all.size() < 2) return Step::more;
  if (!walk_ && starts_picture(all)) walk_.emplace();

  // A boundary counts up to `limit`: as far as the walk has come, or the length says. So the same parts come out
  // whether the bytes arrive at once or one by one.
  std::size_t end = kNowhere, limit = kNowhere, lost_at = 0;
  if (walk_) {
    const auto walked = walk_->advance(all);
    const std::size_t at = walk_->position();
    const bool lost = walked == JpegWalk::State::lost;
    if (lost) lost_at = at + 1;
    if (walked == JpegWalk::State::ended || (lost && starts_picture(all.subspan(at)))) end = limit = at;
  }
  if (end == kNowhere && (!walk_ || lost_at > 0) && length_ && *length_ <= all.size()) {
    end = *length_;
    limit = std::max(end, lost_at);
  }
  const auto delimiter = find_delimiter(limit);
  if (delimiter) {
    end = delimiter->begin;
    if (end > 0 && all[end - 1] == '\n') --end;
    if (end > 0 && all[end - 1] == '\r') --end;
  }
  const std::size_t slack = kMostDashes + kMostBoundaryBytes + 3;
  if (end == kNowhere && all.size() <= limits_.most_part_bytes + slack) return Step::more;
  return end_part(end);
}

Result<MultipartParser::Step> MultipartParser::end_part(std::size_t length) {
  if (length > limits_.most_part_bytes)
    return fail(Errc::too_large, fmt::format("a part is over the limit of {}", format_size(limits_.most_part_bytes)));
  const ByteView body = rest().first(length);
  part_.body.assign(body.begin(), body.end());
  begin_ += length;
  begin(State::between);
  return part_.body.empty() ? Step::again : Step::part;
}

}  // namespace perch::net
