#include "net/picture_answer.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.hpp"

namespace perch::net {

namespace {

constexpr std::size_t kMostWordBytes = 60;
/// Where the title of a page is looked for, and how much is looked through for its first words.
constexpr std::size_t kMostSearchedBytes = 4096;

/// The text of a page without its tags, white space made single spaces.
std::string without_tags(std::string_view page) {
  std::string out;
  bool in_tag = false;
  for (const char c : page) {
    if (c == '<') in_tag = true;
    const bool space = in_tag || c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!space) out += c;
    if (space && !out.empty() && out.back() != ' ') out += ' ';
    if (c == '>') in_tag = false;
  }
  return std::string(trim(out));
}

/// What a person would recognise the answer by.
std::string first_words(ByteView body) {
  const std::string_view text = as_text(body.first(std::min(body.size(), kMostSearchedBytes)));
  const std::string lowered = lower_case(text);
  if (lowered.find('<') == std::string::npos) return printable(trim(text), kMostWordBytes);
  std::string words;
  if (const std::size_t title = lowered.find("<title"); title != std::string::npos)
    words = without_tags(text.substr(title, lowered.find("</title", title) - title));
  if (words.empty()) words = without_tags(text);
  return printable(words.empty() ? trim(text) : words, kMostWordBytes);
}

}  // namespace

bool looks_like_picture(ByteView bytes) {
  constexpr std::array<std::uint8_t, 3> kJpeg{0xFF, 0xD8, 0xFF};
  constexpr std::array<std::uint8_t, 8> kPng{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  const auto starts_with = [&](ByteView magic) {
    return bytes.size() >= magic.size() && std::ranges::equal(bytes.first(magic.size()), magic);
  };
  return starts_with(kJpeg) || starts_with(kPng);
}

Error not_a_picture(std::string_view content_type, ByteView body, std::string_view url) {
  const std::string type = content_type.empty() ? "something without a type" : printable(content_type, kMostWordBytes);
  const std::string lowered = lower_case(content_type);
  std::string remedy = "check the address";
  if (lowered.starts_with("multipart/")) remedy = "that is a stream: use the source 'mjpeg'";
  if (lowered.starts_with("text/html"))
    remedy = "that is a web page: look in the camera's manual for the address of a single picture";
  const std::string what = body.empty() ? fmt::format("sends an empty answer ({}), no picture", type)
                                        : fmt::format("sends {}: \"{}\", no picture", type, first_words(body));
  return {Errc::invalid, what, printable_url(url), remedy};
}

}  // namespace perch::net
