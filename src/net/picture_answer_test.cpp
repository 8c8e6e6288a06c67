#include "net/picture_answer.hpp"

#include <doctest/doctest.h>

using perch::as_bytes;
using perch::Errc;
using perch::net::looks_like_picture;
using perch::net::not_a_picture;

namespace {

std::string said(std::string_view type, std::string_view body) {
  return not_a_picture(type, as_bytes(body), "http://u:secret@cam/jpg").message();
}

}  // namespace

TEST_CASE("a picture is told by its first bytes, whatever its type says") {
  CHECK(looks_like_picture(as_bytes("\xFF\xD8\xFF\xE0")));
  CHECK(looks_like_picture(as_bytes("\x89PNG\r\n\x1A\n")));
  CHECK_FALSE(looks_like_picture(as_bytes("\xFF\xD8")));
  CHECK_FALSE(looks_like_picture(as_bytes("<html>")));
  CHECK_FALSE(looks_like_picture({}));
}

TEST_CASE("a page is named by its title, other texts by their first words, and never with a password") {
  CHECK(not_a_picture("text/html", {}, "http://cam/").code == Errc::invalid);
  CHECK(said("text/html", "<HTML><head>\n<Title>Login\n  to camera</TITLE></head><body>x") ==
        "http://cam/jpg: sends text/html: \"Login to camera\", no picture; that is a web page: look in the camera's "
        "manual for the address of a single picture");
  CHECK(said("text/html; charset=utf-8", "<p>busy<p>")
            .starts_with("http://cam/jpg: sends text/html; charset=utf-8: \"busy\", no picture"));
  CHECK(said("text/plain", "Error 5\x01\x02 in camera") ==
        "http://cam/jpg: sends text/plain: \"Error 5\\x01\\x02 in camera\", no picture; check the address");
  CHECK(said("", "") ==
        "http://cam/jpg: sends an empty answer (something without a type), no picture; check the address");
  CHECK(said("multipart/x-mixed-replace", "--b").ends_with("that is a stream: use the source 'mjpeg'"));
}

TEST_CASE("of long texts only the beginning is told, and a page without words by its tags") {
  CHECK(said("text/plain", std::string(100'000, 'a')).size() < 200);
  CHECK(said("text/html", "<title></title><br>").find("<title></title><br>") != std::string::npos);
  CHECK(said("text/html", "<title>never closed").find("never closed") != std::string::npos);
  CHECK(said("text/html", "<title").find("<title") != std::string::npos);
}
