#include "net/dns_name.hpp"

#include <doctest/doctest.h>

using perch::net::unescape_dns_name;

TEST_CASE("a name is shown without its escapes") {
  CHECK(unescape_dns_name("indoor-camera-1a2b.local") == "indoor-camera-1a2b.local");
  CHECK(unescape_dns_name("Front\\032Door.local") == "Front Door.local");
  CHECK(unescape_dns_name("T\\195\\188r.local") == "Tür.local");
  CHECK(unescape_dns_name("No\\.1.local") == "No.1.local");
  CHECK(unescape_dns_name("a\\\\b.local") == "a\\b.local");
  CHECK(unescape_dns_name("a\\\\032.local") == "a\\032.local");
  CHECK(unescape_dns_name("\\0321") == " 1");
}

TEST_CASE("what is no escape stays as it is") {
  for (const char* name : {"", "\\", "a\\", "a\\03", "a\\256.local", "a\\999", "a\\0x2", "a\\b"})
    CHECK(unescape_dns_name(name) == name);
}
