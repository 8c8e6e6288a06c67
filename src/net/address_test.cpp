#include "net/address.hpp"

#include <doctest/doctest.h>

using namespace perch;
using net::check_address;

TEST_CASE("addresses of cameras are addresses") {
  for (const char* url : {"http://192.0.2.9/jpg", "https://eve:s3cret@camera.example:8443/a?b=c%20d#e", "http://camera",
                          "http://[2001:db8::9]:80/", "http://[fe80::1%25eth0]:80/jpg", "http://[fe80::1%252]:8081/jpg",
                          "rtsp://eve@192.0.2.9:554/stream1", "http://my_camera.local/x@y"}) {
    CAPTURE(url);
    CHECK(check_address(url));
  }
}

TEST_CASE("what cannot be reached is no address, and the error does not repeat it") {
  for (const char* url :
       {"http://192.0.2.9:99999/secret", "http://192.0.2.9:port/secret", "http://a b/secret", "http://camera/a secret",
        "http://eve:p/secret@camera/", "http://[::1/secret", "rtsp://:554/secret", "secret", ""}) {
    CAPTURE(url);
    const auto checked = check_address(url);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == Errc::invalid);
    CHECK(checked.error().message().find("secret") == std::string::npos);
  }
  CHECK(check_address("http://camera:99999/").error().what == "not an address: its port is no number from 0 to 65535");
  CHECK(check_address("http://camera/a b").error().remedy == "write it as %20");
}
