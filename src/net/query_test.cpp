#include "net/query.hpp"

#include <doctest/doctest.h>

using perch::Errc;
using perch::net::parse_target;
using perch::net::PathParams;
using perch::net::PathPattern;
using perch::net::percent_decode;
using perch::net::percent_encode;
using perch::net::Query;

TEST_CASE("percent signs are undone, and a plus is a space only in a query") {
  CHECK(percent_decode("a%20b%2Fc").value() == "a b/c");
  CHECK(percent_decode("a+b").value() == "a+b");
  CHECK(percent_decode("a+b", true).value() == "a b");
  CHECK(percent_decode("%C3%A4").value() == "ä");
  CHECK(percent_decode("").value().empty());
}

TEST_CASE("what is no percent-encoding, or hides a control character, is refused") {
  for (const char* text : {"%", "a%2", "%zz", "%2x", "%-1", "%00", "a%0d%0aSet-Cookie:x", "\x7f"}) {
    CAPTURE(text);
    const auto got = percent_decode(text);
    REQUIRE_FALSE(got);
    CHECK(got.error().code == Errc::invalid);
  }
}

TEST_CASE("encoded text decodes to itself") {
  CHECK(percent_encode("a b/ä?%+") == "a%20b%2F%C3%A4%3F%25%2B");
  CHECK(percent_decode(percent_encode("a b/ä?%+"), true).value() == "a b/ä?%+");
}

TEST_CASE("a query gives the first value of a name") {
  const auto query = Query::parse("camera=front+door&limit=10&camera=x&flag&&empty=&a=b=c");
  REQUIRE(query);
  CHECK(query->get("camera") == "front door");
  CHECK(query->get("flag") == "");
  CHECK(query->get("empty") == "");
  CHECK(query->get("a") == "b=c");
  CHECK_FALSE(query->get("none"));
  CHECK(query->entries().size() == 6);
}

TEST_CASE("a query of too many parameters is refused") {
  std::string text;
  for (std::size_t i = 0; i < Query::kMostEntries; ++i) text += "a=1&";
  CHECK(Query::parse(text));
  CHECK(Query::parse(text + "a=1").error().code == Errc::too_large);
}

TEST_CASE("a number in a query is checked against its range") {
  const auto query = Query::parse("limit=10&bad=1x&far=100000000000000000000&empty=").value();
  CHECK(query.integer("limit", 1, 100).value() == 10);
  CHECK_FALSE(query.integer("none", 1, 100).value().has_value());
  for (const char* name : {"bad", "far", "empty"}) {
    CAPTURE(name);
    CHECK(query.integer(name, 1, 100).error().code == Errc::invalid);
  }
  const auto over = query.integer("limit", 1, 9);
  REQUIRE_FALSE(over);
  CHECK(over.error().message() == "limit: '10' is not a whole number from 1 to 9");
}

TEST_CASE("a target is taken apart into segments and query") {
  const auto target = parse_target("/api/cameras/front%20door%2F1/latest.jpg?t=1#x").value();
  CHECK(target.path == "/api/cameras/front%20door%2F1/latest.jpg");
  CHECK(target.segments == std::vector<std::string>{"api", "cameras", "front door/1", "latest.jpg"});
  CHECK(target.query.get("t") == "1");
  CHECK(target.authority.empty());
}

TEST_CASE("a target may name its host") {
  const auto target = parse_target("http://evil.example:80/x?y").value();
  CHECK(target.authority == "evil.example:80");
  CHECK(target.path == "/x");
  CHECK(parse_target("http://a").value().path == "/");
  CHECK(parse_target("https://a?b=c").error().code == Errc::invalid);
}

TEST_CASE("a target that is no path is refused") {
  for (const char* text : {"", "x", "../x", "http://", "ftp://a/x", "/%", "/a?b=%q", "?a"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_target(text));
  }
}

TEST_CASE("a pattern matches whole paths and names their places") {
  const PathPattern latest("/api/cameras/{name}/latest.jpg");
  const auto match = [](const PathPattern& pattern, const char* path) {
    return pattern.match(parse_target(path).value().segments);
  };
  CHECK(match(latest, "/api/cameras/front/latest.jpg") == PathParams{{"name", "front"}});
  CHECK(match(latest, "/api/cameras/a%2Fb/latest.jpg") == PathParams{{"name", "a/b"}});
  CHECK_FALSE(match(latest, "/api/cameras//latest.jpg"));
  CHECK_FALSE(match(latest, "/api/cameras/front/latest.jpg/"));
  CHECK_FALSE(match(latest, "/api/cameras/front"));
  CHECK_FALSE(match(latest, "/api/cameras/front/latest.jpg/x"));
  CHECK(match(PathPattern("/"), "/") == PathParams{});
  CHECK_FALSE(match(PathPattern("/"), "/x"));
  CHECK(match(PathPattern("/{path...}"), "/a/b.js") == PathParams{{"path", "a/b.js"}});
  CHECK(match(PathPattern("/{path...}"), "/") == PathParams{{"path", ""}});
  CHECK(match(PathPattern("/pages/{path...}"), "/pages") == PathParams{{"path", ""}});
}
