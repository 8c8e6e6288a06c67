#include "net/proxy.hpp"

#include <cstdlib>

#include <doctest/doctest.h>

using perch::net::proxy_of_environment;

namespace {

/// Sets variables of the environment while it lives.
struct Environment {
  explicit Environment(std::vector<std::pair<const char*, const char*>> its_values) : values(std::move(its_values)) {
    for (const auto& [name, value] : values) ::setenv(name, value, 1);
  }

  ~Environment() {
    for (const auto& [name, value] : values) ::unsetenv(name);
  }

  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  std::vector<std::pair<const char*, const char*>> values;
};

}  // namespace

TEST_CASE("the proxy is that of the address's scheme, else the one for all") {
  CHECK(proxy_of_environment("https://a.example/x").empty());
  const Environment set({{"https_proxy", "http://p:1"}, {"ALL_PROXY", "http://p:2"}, {"HTTP_PROXY", "http://evil"}});
  CHECK(proxy_of_environment("https://a.example/x") == "http://p:1");
  CHECK(proxy_of_environment("http://a.example/x") == "http://p:2");
}

TEST_CASE("hosts that go direct do, with all below them and none beside them") {
  const Environment set({{"http_proxy", "http://p:1"}, {"no_proxy", "localhost, .example.org,127.0.0.1"}});
  for (const char* direct :
       {"http://localhost:80/x", "http://example.org", "http://u:p@a.b.example.org/x?y", "http://127.0.0.1:3000/"})
    CHECK_MESSAGE(proxy_of_environment(direct).empty(), direct);
  for (const char* through : {"http://notexample.org/", "http://example.org.evil.net/", "http://[::1]/"})
    CHECK_MESSAGE(proxy_of_environment(through) == "http://p:1", through);
}
