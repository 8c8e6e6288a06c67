#include "net/host_rules.hpp"

#include <doctest/doctest.h>

using perch::Errc;
using perch::net::Authority;
using perch::net::HostRules;
using perch::net::parse_authority;

TEST_CASE("a host is read with and without port, brackets and a last dot") {
  CHECK(parse_authority("LocalHost:3000").value() == Authority{"localhost", 3000});
  CHECK(parse_authority("a.example.").value() == Authority{"a.example", {}});
  CHECK(parse_authority("[::1]:80").value() == Authority{"::1", 80});
  CHECK(parse_authority("[FE80::1]").value() == Authority{"fe80::1", {}});
  for (const char* text :
       {"", ":80", "a:b", "a:", "a:99999", "[::1", "[::1]80", "[x]", "::1", "a b", "a/b", "u@a", "."}) {
    CAPTURE(text);
    CHECK_FALSE(parse_authority(text));
  }
}

TEST_CASE("a server on loopback answers to loopback names only") {
  const HostRules rules("127.0.0.1", {}, {});
  for (const char* host : {"localhost", "LOCALHOST:3000", "127.0.0.1", "127.0.0.1:99", "127.9.9.9", "[::1]:3000",
                           "perch.localhost", "localhost."}) {
    CAPTURE(host);
    CHECK(rules.check_host(host, "127.0.0.1"));
  }
  for (const char* host : {"evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "notlocalhost",
                           "10.0.0.1", "127.0.0.256", "2130706433", "0.0.0.0"}) {
    CAPTURE(host);
    const auto checked = rules.check_host(host, "127.0.0.1");
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == Errc::denied);
    CHECK_FALSE(checked.error().remedy.empty());
  }
}

TEST_CASE("a server on all addresses answers to the one it was reached at, and to configured names") {
  const HostRules rules("0.0.0.0", {"Garage.lan"}, {});
  CHECK(rules.check_host("192.168.1.7:3000", "192.168.1.7"));
  CHECK(rules.check_host("garage.lan", "192.168.1.7"));
  CHECK_FALSE(rules.check_host("192.168.1.8", "192.168.1.7"));
  CHECK_FALSE(rules.check_host("other.lan", "192.168.1.7"));
  CHECK(HostRules("0.0.0.0", {"*"}, {}).check_host("anything.example", "10.0.0.1"));
}

TEST_CASE("one address is the same however it is written") {
  const HostRules rules("::", {"2001:DB8:0::9"}, {});
  for (const char* host : {"192.0.2.2:3000", "[::ffff:192.0.2.2]", "[::ffff:c000:202]:80"}) {
    CAPTURE(host);
    for (const char* local : {"192.0.2.2", "::ffff:192.0.2.2"}) {
      CHECK(rules.check_host(host, local));
      CHECK_FALSE(rules.check_host("192.0.2.3", local));
    }
    CHECK_FALSE(rules.check_host(host, "::ffff:192.0.2.3"));
  }
  CHECK(rules.check_host("[fe80::1]:3000", "fe80::1%lo"));
  CHECK_FALSE(rules.check_host("[fe80::2]", "fe80::1%lo"));
  CHECK(rules.check_host("[2001:db8::9]", "::1"));
  CHECK(rules.check_host("[0:0::1]", "fe80::1"));
  CHECK_FALSE(rules.check_host("[::2]", "fe80::1"));
}

TEST_CASE("only this server's own pages, and configured ones, may act") {
  const HostRules rules("127.0.0.1", {}, {"https://Panel.example"});
  CHECK(rules.check_origin("", "localhost:3000"));
  CHECK(rules.check_origin("http://localhost:3000", "localhost:3000"));
  CHECK(rules.check_origin("http://LOCALHOST:3000", "localhost:3000"));
  CHECK(rules.check_origin("http://127.0.0.1", "127.0.0.1:80"));
  CHECK(rules.check_origin("https://garage.lan", "garage.lan:443"));
  CHECK(rules.check_origin("https://panel.example", "localhost:3000"));
  for (const char* origin : {"null", "http://evil.example", "http://localhost:3001", "http://127.0.0.1:3000",
                             "file://localhost:3000", "http://localhost:3000.evil.example", "http://"}) {
    CAPTURE(origin);
    const auto checked = rules.check_origin(origin, "localhost:3000");
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == Errc::denied);
  }
}

TEST_CASE("what no request and no page can ever meet is no allowed host or origin") {
  using perch::net::check_allowed_host;
  using perch::net::check_allowed_origin;
  for (const char* host : {"*", "panel.example", "Panel", "192.0.2.9", "2001:db8::9", "my_box"}) {
    CAPTURE(host);
    CHECK(check_allowed_host(host));
  }
  for (const char* host :
       {"", "http://x:80", "panel.example:3000", "panel.example/x", "[::1]", "a b", "panel.", "*.x"}) {
    CAPTURE(host);
    CHECK_FALSE(check_allowed_host(host));
  }
  for (const char* origin : {"https://panel.example", "HTTP://Panel:8080", "http://[::1]:3000", "http://192.0.2.9",
                             "app://panel", "null", "http://x:443"}) {
    CAPTURE(origin);
    CHECK(check_allowed_origin(origin));
  }
  for (const char* origin : {"", "*", "panel.example", "panel.example/x", "https://panel.example/", "://x", "https://",
                             "https://a@b", "https://panel.example:443", "http://x:80", "http://x:99999"}) {
    CAPTURE(origin);
    CHECK_FALSE(check_allowed_origin(origin));
  }
}

TEST_CASE("what may be allowed is then met") {
  const HostRules rules("127.0.0.1", {"Panel", "2001:db8::9"}, {"HTTP://Panel:8080"});
  CHECK(rules.check_host("panel:3000", "127.0.0.1"));
  CHECK(rules.check_host("[2001:db8::9]:3000", "127.0.0.1"));
  CHECK(rules.check_origin("http://panel:8080", "127.0.0.1"));
}
