#include "net/host_port.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace perch::net;

namespace {

/// `host|port`, `-` for no port, brackets where they stood; `nothing`.
std::string words(const std::optional<HostPort>& parts) {
  if (!parts) return "nothing";
  const std::string host(parts->host);
  return (parts->bracketed ? "[" + host + "]" : host) + "|" + std::string(parts->port.value_or("-"));
}

}  // namespace

TEST_CASE("host and port are taken apart as they are written") {
  const std::pair<const char*, const char*> cases[] = {
      {"camera", "camera|-"},
      {"camera:80", "camera|80"},
      {"camera:", "camera|"},
      {"", "|-"},
      {":80", "|80"},
      {"10.0.0.7:99999", "10.0.0.7|99999"},
      {"[fe80::1]", "[fe80::1]|-"},
      {"[fe80::1]:80", "[fe80::1]|80"},
      {"[fe80::1]:", "[fe80::1]|"},
      {"[]", "[]|-"},
      {"fe80::1:80", "fe80::1|80"},
      {"[fe80::1", "nothing"},
      {"[fe80::1]80", "nothing"},
      {"[", "nothing"},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(words(split_host_port(text)) == expected);
  }
  CHECK(words(host_port_of_url("user:p@ss@camera:80/x:1@y")) == "camera|80");
  CHECK(words(host_port_of_url("[::1]:554?a")) == "[::1]|554");
  CHECK(words(host_port_of_url("camera")) == "camera|-");
}

TEST_CASE("a port is digits alone, up to 65535") {
  CHECK(parse_port("0") == 0);
  CHECK(parse_port("65535") == 65535);
  for (const char* bad : {"", "65536", "-1", "+1", "80 ", " 80", "0x50", "80a"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_port(bad));
  }
}
