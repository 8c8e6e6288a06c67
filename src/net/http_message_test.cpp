#include "net/http_message.hpp"

#include <doctest/doctest.h>

using namespace perch;
using net::printable_url;

TEST_CASE("an address is shown without user and password") {
  CHECK(printable_url("http://admin:hunter2@192.0.2.9/jpg") == "http://192.0.2.9/jpg");
  CHECK(printable_url("rtsp://admin:hun@ter2@[2001:db8::9]:554/s?a=b") == "rtsp://[2001:db8::9]:554/s?a=b");
  CHECK(printable_url("https://token@camera") == "https://camera");
}

TEST_CASE("an address without a user is shown as it is, whatever its path holds") {
  for (const char* url : {"http://192.0.2.9/jpg", "http://camera:8080/users/@me?to=a@b#c@d", "rtsp://[::1]:554/@",
                          "https://camera", "camera/jpg", "192.0.2.9:8080", ""})
    CHECK(printable_url(url) == url);
}

TEST_CASE("user and password are hidden in what was meant as an address and is none") {
  for (const char* url :
       {"admin:hunter2@192.0.2.9/jpg", "admin:hunter2@192.0.2.9", "//admin:hunter2@192.0.2.9/jpg",
        "http:admin:hunter2@192.0.2.9/jpg", "http:/admin:hunter2@192.0.2.9/jpg", "http//admin:hunter2@192.0.2.9/jpg",
        "http:///admin:hunter2@192.0.2.9/jpg", "ht tp://admin:hunter2@192.0.2.9/jpg",
        "http://admin:hunter2/x@192.0.2.9/", "http://admin:hunter2#@192.0.2.9/jpg",
        "admin:hunter2@192.0.2.9/to?url=http://192.0.2.7/", "admin:hunter2/@192.0.2.9/jpg",
        "http://[admin:hunter2@192.0.2.9/jpg", "://admin:hunter2@192.0.2.9:99999"}) {
    CAPTURE(url);
    const std::string shown = printable_url(url);
    CHECK(shown.find("hunter2") == std::string::npos);
    CHECK(shown.find("admin") == std::string::npos);
    CHECK(shown.find("192.0.2.9") != std::string::npos);
  }
}
