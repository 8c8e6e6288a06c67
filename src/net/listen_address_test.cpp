#include "net/listen_address.hpp"

#include <doctest/doctest.h>

using perch::net::ListenAddress;
using perch::net::overlap;
using perch::net::parse_listen;

TEST_CASE("where to listen is read as it is written, and nothing is read that nobody can listen on") {
  for (const char* text : {"127.0.0.1:3000", "localhost:0", "[::1]:65535", "0.0.0.0:80", "[::ffff:127.0.0.1]:80"}) {
    CAPTURE(text);
    const auto address = parse_listen(text);
    REQUIRE(address);
    CHECK(to_string(*address) == text);
  }
  for (const char* text :
       {"", ":80", "a:b", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:80", "[::1]", "[127.0.0.1]:80",
        "[localhost]:80", "127.0.0.256:80", "127.1:80", "myhost.local:3000", "a b:80", "*:80"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_listen(text));
  }
}

TEST_CASE("two servers cannot listen on the same port of one address, nor of any and another") {
  const auto overlapping = [](const char* a, const char* b) {
    const bool both = overlap(parse_listen(a).value(), parse_listen(b).value());
    CHECK(both == overlap(parse_listen(b).value(), parse_listen(a).value()));
    return both;
  };
  CHECK(overlapping("127.0.0.1:3000", "localhost:3000"));
  CHECK(overlapping("127.0.0.1:3000", "0.0.0.0:3000"));
  CHECK(overlapping("127.0.0.1:3000", "[::]:3000"));
  CHECK(overlapping("127.0.0.1:3000", "[::ffff:127.0.0.1]:3000"));
  CHECK_FALSE(overlapping("127.0.0.1:3000", "127.0.0.2:3000"));
  CHECK_FALSE(overlapping("127.0.0.1:3000", "[::1]:3000"));
  CHECK_FALSE(overlapping("127.0.0.1:3000", "0.0.0.0:3001"));
  CHECK_FALSE(overlapping("127.0.0.1:0", "127.0.0.1:0"));
}
