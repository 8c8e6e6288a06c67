#include <filesystem>

#include <doctest/doctest.h>

#include "net/http_client.hpp"
#include "support/digest_auth.hpp"
#include "support/http_gets.hpp"
#include "support/looks.hpp"
#include "support/tls_identity.hpp"

using perch::Errc;
using perch::net::HttpRequest;
using perch::test::answer;
using perch::test::Connection;
using perch::test::DigestAuth;
using perch::test::HttpGets;
using perch::test::request_to;
using perch::test::says;
using perch::test::TestServer;
using perch::test::TlsIdentity;

TEST_CASE("a certificate is trusted by its authority or its key, and not otherwise") {
  const TlsIdentity identity, other;
  const TestServer server([](Connection& c, const std::string&) { return answer(c); }, identity);
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("perch-ca-" + std::to_string(::getpid()));
  identity.write_certificate(file);
  HttpGets client;
  HttpRequest request = request_to(server.url());

  auto got = client.get(request);
  REQUIRE_FALSE(got);
  CHECK(got.error().code == Errc::denied);
  CHECK(says(got.error().what, "certificate"));

  request.tls.ca_file = file;
  CHECK(client.get(request));
  other.write_certificate(file);
  CHECK(HttpGets().get(request).error().code == Errc::denied);
  std::filesystem::remove(file);
  CHECK(HttpGets().get(request).error().code == Errc::invalid);

  request.tls = {.ca_file = {}, .pinned_key = identity.pin()};
  CHECK(HttpGets().get(request));
  request.tls.pinned_key = other.pin();
  CHECK(HttpGets().get(request).error().code == Errc::denied);

  request.tls = {.ca_file = {}, .pinned_key = {}, .any_server = true};
  CHECK(HttpGets().get(request));
}

TEST_CASE("a certificate for another name is refused") {
  const TlsIdentity identity("camera.example");
  const TestServer server([](Connection& c, const std::string&) { return answer(c); }, identity);
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("perch-cn-" + std::to_string(::getpid()));
  identity.write_certificate(file);
  HttpGets client;
  HttpRequest request = request_to(server.url());
  request.tls.ca_file = file;
  CHECK(client.get(request).error().code == Errc::denied);
  std::filesystem::remove(file);
}

TEST_CASE("a password is sent as digest, checked to the last digit, and asked for only once") {
  DigestAuth auth("eve", "se:cret", "n0nce");
  const TestServer server([&](Connection& c, const std::string& head) {
    if (auth.accepts(head)) return answer(c);
    return c.send("HTTP/1.1 401 X\r\nWWW-Authenticate: " + auth.challenge() + "\r\nContent-Length: 2\r\n\r\nno");
  });
  HttpGets client;
  HttpRequest request = request_to(server.url("/jpg?x=1"));
  CHECK(client.get(request).error().code == Errc::denied);
  request.user = "eve";
  request.password = "wrong";
  CHECK(client.get(request).error().code == Errc::denied);
  request.password = "se:cret";
  const int before = server.requests();
  for (int i = 0; i < 10; ++i) REQUIRE(client.get(request));
  CHECK(server.requests() == before + 11);

  SUBCASE("a new nonce is learned") {
    auth = DigestAuth("eve", "se:cret", "another");
    REQUIRE(client.get(request));
    const int now = server.requests();
    REQUIRE(client.get(request));
    CHECK(server.requests() == now + 1);
  }
  SUBCASE("a stream has it too") {
    CHECK(client.open(request));
  }
}

TEST_CASE("a basic password is sent when asked for, and then at once") {
  int without = 0;
  const TestServer server([&](Connection& c, const std::string& head) {
    if (says(head, "Authorization: Basic dXNlcjpzZWNyZXQ=\r\n")) return answer(c);
    ++without;
    return c.send("HTTP/1.1 401 X\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n");
  });
  HttpGets client;
  for (int i = 0; i < 3; ++i)
    REQUIRE(client.get(request_to("http://user:secret@127.0.0.1:" + std::to_string(server.port()) + "/")));
  CHECK(without == 1);
  CHECK(server.connections() == 1);
}

TEST_CASE("after a redirect to another host no password is sent, and no header that carries one") {
  std::string seen;
  const TestServer other([&](Connection& c, const std::string& head) {
    seen = head;
    return c.send("HTTP/1.1 401 X\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n");
  });
  const TestServer server([&](Connection& c, const std::string& head) {
    if (!says(head, "Authorization: Basic"))
      return c.send("HTTP/1.1 401 X\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n");
    return c.send("HTTP/1.1 302 X\r\nContent-Length: 0\r\nLocation: http://localhost:" + std::to_string(other.port()) +
                  "/\r\n\r\n");
  });
  HttpGets client;
  HttpRequest request = request_to(server.url());
  request.user = "user";
  request.password = "secret";
  const auto got = client.get(request);
  REQUIRE_FALSE(got);
  CHECK(got.error().code == Errc::denied);
  CHECK(says(seen, "GET / HTTP/1.1"));
  CHECK_FALSE(says(seen, "Authorization"));

  request.headers = {{"Authorization", "Basic x"}, {"Cookie", "session=1"}};
  CHECK_FALSE(client.get(request));
  CHECK_FALSE(says(seen, "Authorization"));
  CHECK_FALSE(says(seen, "Cookie"));
}

TEST_CASE("a redirect is followed within its limits, and never out of http") {
  const TestServer server([](Connection& c, const std::string& head) {
    const auto send_to = [&](const std::string& where) {
      return c.send("HTTP/1.1 302 X\r\nContent-Length: 0\r\nLocation: " + where + "\r\n\r\n");
    };
    if (says(head, "GET /ok")) return answer(c);
    if (says(head, "GET /file")) return send_to("file:///etc/passwd");
    if (says(head, "GET /once")) return send_to("/ok");
    return send_to("/round");
  });
  HttpGets client;
  CHECK(client.get(request_to(server.url("/once"))));
  CHECK_FALSE(client.get(request_to(server.url("/round"))));
  CHECK_FALSE(client.get(request_to(server.url("/file"))));
}

TEST_CASE("a proxy of the environment is not used") {
  const TestServer proxy([](Connection& c, const std::string&) { return answer(c, "proxy"); });
  const TestServer server([](Connection& c, const std::string&) { return answer(c, "server"); });
  ::setenv("http_proxy", proxy.url().c_str(), 1);
  ::setenv("ALL_PROXY", proxy.url().c_str(), 1);
  HttpGets client;
  HttpRequest request = request_to(server.url());
  CHECK(perch::as_text(client.get(request).value().body) == "server");
  request.proxy = proxy.url();
  CHECK(perch::as_text(client.get(request).value().body) == "proxy");
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
}
