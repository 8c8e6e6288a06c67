#include "net/multipart.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using perch::as_bytes;
using perch::as_text;
using perch::Bytes;
using perch::Errc;
using perch::net::MultipartLimits;
using perch::net::MultipartParser;

namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out += static_cast<char>(value);
  return out;
}

/// What has the markers of a JPEG: a segment that holds a whole thumbnail, a scan with stuffed bytes and restarts.
std::string jpeg(const std::string& data = "data") {
  const std::string thumbnail = bytes({0xFF, 0xD8, 0xFF, 0xD9});
  const std::string app = bytes({0xFF, 0xE1, 0, 6}) + thumbnail;
  const std::string scan = bytes({0xFF, 0xDA, 0, 4, 1, 2}) + data + bytes({0xFF, 0, 0xFF, 0xD0, 'x', 0xFF, 0xFF, 0});
  return bytes({0xFF, 0xD8}) + app + scan + scan + bytes({0xFF, 0xD9});
}

struct Outcome {
  std::vector<std::string> bodies;
  std::optional<perch::Error> error;

  bool operator==(const Outcome& o) const {
    return bodies == o.bodies && error.has_value() == o.error.has_value() && (!error || error->code == o.error->code);
  }
};

void take(MultipartParser& parser, Outcome& out) {
  for (;;) {
    auto part = parser.next();
    if (!part) {
      out.error = part.error();
      return;
    }
    if (!*part) return;
    out.bodies.emplace_back(as_text((*part)->body));
  }
}

Outcome parse(MultipartParser parser, std::initializer_list<std::string_view> chunks, bool ends = true) {
  Outcome out;
  for (const std::string_view chunk : chunks) {
    parser.push(as_bytes(chunk));
    take(parser, out);
    if (out.error) return out;
  }
  if (ends)
    if (auto rest = parser.finish()) out.bodies.emplace_back(as_text(rest->body));
  return out;
}

std::string part(const std::string& body, const std::string& length, const std::string& boundary = "--frame") {
  const std::string header = length.empty() ? "" : "Content-Length: " + length + "\r\n";
  return boundary + "\r\nContent-Type: image/jpeg\r\n" + header + "\r\n" + body + "\r\n";
}

std::string part(const std::string& body) {
  return part(body, std::to_string(body.size()));
}

using Bodies = std::vector<std::string>;

}  // namespace

TEST_CASE("the boundary is taken from the content type, however it is written") {
  const std::string stream = part(jpeg("a")) + part(jpeg("b"));
  for (const char* type :
       {"multipart/x-mixed-replace; boundary=frame", "multipart/x-mixed-replace;boundary=--frame",
        "multipart/x-mixed-replace; boundary=\"frame\"", "Multipart/X-Mixed-Replace; charset=x; BOUNDARY=\"--frame\" ",
        "multipart/mixed; boundary=frame ; x=y", "multipart/x-mixed-replace"}) {
    CAPTURE(type);
    const auto parser = MultipartParser::for_content_type(type);
    REQUIRE(parser);
    CHECK(parse(*parser, {stream}).bodies == Bodies{jpeg("a"), jpeg("b")});
  }
  CHECK(MultipartParser::for_content_type("image/jpeg").error().code == Errc::invalid);
}

TEST_CASE("the same pictures come out of every stream that cameras send, at every split") {
  const std::string a = jpeg("a"), b = jpeg("bb"), text = "plain text";
  const std::string n = std::to_string(a.size());

  struct Case {
    std::string name;
    std::string stream;
    Bodies bodies;
  };

  const Case cases[] = {
      {"as it should be", "\r\n" + part(a) + part(b) + "--frame--\r\n", {a, b}},
      {"a preamble", "hello\r\nworld\r\n" + part(a), {a}},
      {"no length", part(a, "") + part(b, "") + "--frame--", {a, b}},
      {"length too small", part(a, "3") + part(b, "3"), {a, b}},
      {"length too large", part(a, "500") + part(b, "500"), {a, b}},
      {"length absurd", part(a, "99999999999999999999999") + part(b, "-1"), {a, b}},
      {"line feeds alone", "--frame\nContent-Length: " + n + "\n\n" + a + "\n--frame\n\n" + b, {a, b}},
      {"no dashes", part(a, n, "frame") + part(b, "", "frame"), {a, b}},
      {"more dashes", part(a, n, "----frame") + part(b, "", "----frame"), {a, b}},
      {"no line end before the boundary", "--frame\r\n\r\n" + a + "--frame\r\n\r\n" + b, {a, b}},
      {"no header", "--frame\r\n\r\n" + a + "\r\n--frame\r\n\r\n" + b, {a, b}},
      {"no empty line", "--frame\r\nContent-Type: image/jpeg\r\n" + a + "\r\n--frame\r\n" + b, {a, b}},
      {"another boundary than announced", part(a, n, "--other") + part(b, "", "--other"), {a, b}},
      {"padding after the picture", part(a + std::string(7, '\0'), "") + part(b, ""), {a, b}},
      {"a picture cut short", part(a.substr(0, a.size() - 9), "") + part(b), {a.substr(0, a.size() - 9), b}},
      {"cut short with a length", part(a.substr(0, 20), n) + part(b), {a.substr(0, 20), b}},
      {"an empty part", "--frame\r\n\r\n\r\n" + part(a) + "--frame\r\n--frame\r\n\r\n" + b, {a, b}},
      {"ends after each part", part(a) + "--frame--\r\n" + part(b) + "--frame--\r\n", {a, b}},
      {"text with a length",
       part(text, "10") + part("\r\n--frame\r\n", "9") + part(text, "10"),
       {text, "\r\n--frame", text}},
      {"text without a length",
       part(text, "") + part(text + "--frame in a line", ""),
       {text, text + "--frame in a line\r\n"}},
      {"text whose length is too large", part(text, "90") + part(a), {text, a}},
      {"text whose length is too small", part(text, "5") + part(a), {"plain", a}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const MultipartParser fresh("frame");
    const Outcome whole = parse(fresh, {c.stream});
    CHECK(whole.bodies == c.bodies);
    CHECK_FALSE(whole.error);
    const std::string_view stream = c.stream;
    for (std::size_t i = 1; i < stream.size(); ++i) {
      CAPTURE(i);
      CHECK(parse(fresh, {stream.substr(0, i), stream.substr(i)}) == whole);
    }
    Outcome bytewise;
    MultipartParser parser = fresh;
    for (std::size_t i = 0; i < stream.size(); ++i) {
      parser.push(as_bytes(stream.substr(i, 1)));
      take(parser, bytewise);
    }
    if (auto rest = parser.finish()) bytewise.bodies.emplace_back(as_text(rest->body));
    CHECK(bytewise == whole);
  }
}

TEST_CASE("a picture is handed out with its last byte, not with the next boundary") {
  for (const char* length : {"", "3", "100000"}) {
    CAPTURE(length);
    const std::string stream =
        "--frame\r\n" + (*length ? fmt::format("Content-Length: {}\r\n", length) : "") + "\r\n" + jpeg();
    CHECK(parse(MultipartParser("frame"), {stream}, false).bodies == Bodies{jpeg()});
    CHECK(
        parse(MultipartParser("frame"), {std::string_view(stream).substr(0, stream.size() - 1)}, false).bodies.empty());
  }
}

TEST_CASE("a picture that breaks off ends where another one starts") {
  const std::string cut = jpeg("aaaa").substr(0, 20);
  const Outcome got = parse(MultipartParser("frame"), {part(cut).substr(0, part(cut).size() - 2), jpeg("b")});
  REQUIRE(got.bodies.size() == 2);
  CHECK(got.bodies[0].starts_with(cut));
  CHECK(got.bodies[1] == jpeg("b"));
}

TEST_CASE("the headers of a part are kept, their names in lower case") {
  MultipartParser parser("frame");
  parser.push(as_bytes("--frame\r\nContent-Type: image/jpeg\r\nX-Timestamp:  12.5 \r\nbroken line\r\n\r\n" + jpeg()));
  const auto got = parser.next();
  REQUIRE((got && *got));
  CHECK((*got)->header("content-type") == "image/jpeg");
  CHECK((*got)->header("x-timestamp") == "12.5");
  CHECK((*got)->header("content-length").empty());
}

TEST_CASE("what has no end is refused at the limit") {
  const MultipartLimits limits{.most_part_bytes = 1000, .most_header_bytes = 200, .most_junk_bytes = 300};

  struct Case {
    std::string name;
    std::string begin, endless;
    Errc code;
  };

  for (const Case& c : {Case{"a picture", "--frame\r\n\r\n" + jpeg().substr(0, 20), "xxxxxxxxxx", Errc::too_large},
                        Case{"a header", "--frame\r\n", "X: y\r\n", Errc::too_large},
                        Case{"a header line", "--frame\r\nX: ", "yyyyyy", Errc::too_large},
                        Case{"a boundary line", "--frame ", "yyyyyy", Errc::too_large},
                        Case{"a page", "<html>", "<p>text</p>\r\n", Errc::invalid}}) {
    CAPTURE(c.name);
    MultipartParser parser("frame", limits);
    parser.push(as_bytes(c.begin));
    std::size_t pushed = 0;
    auto got = parser.next();
    while (got && pushed < 5000) {
      REQUIRE_FALSE(*got);
      parser.push(as_bytes(c.endless));
      pushed += c.endless.size();
      got = parser.next();
    }
    REQUIRE_FALSE(got);
    CHECK(got.error().code == c.code);
    parser.push(as_bytes(part(jpeg())));
    CHECK_FALSE(parser.next());
  }
}

TEST_CASE("a page instead of a stream is quoted") {
  MultipartParser parser("frame");
  parser.push(as_bytes("<html><body>Please log in" + std::string(300'000, ' ')));
  const auto got = parser.next();
  REQUIRE_FALSE(got);
  CHECK(got.error().what.find("<html><body>Please log in") != std::string::npos);
}

TEST_CASE("a long stream is read in bounded memory") {
  MultipartParser parser("frame");
  std::size_t pictures = 0;
  const std::string one = part(jpeg(std::string(20'000, 'd')), "");
  const std::string stream = one + one;
  for (std::size_t at = 0; pictures < 500; at = (at + 1460) % one.size()) {
    parser.push(as_bytes(std::string_view(stream).substr(at, 1460)));
    auto got = parser.next();
    REQUIRE(got);
    if (*got) {
      CHECK((*got)->body.size() == jpeg(std::string(20'000, 'd')).size());
      ++pictures;
    }
  }
}
