#include "net/proxy.hpp"

#include <cstdlib>
#include <optional>

#include "base/text.hpp"
#include "net/host_port.hpp"

namespace perch::net {

namespace {

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? std::string_view(value) : std::string_view();
}

/// The first that is set.
std::string_view either(const char* name, const char* other) {
  const std::string_view value = variable(name);
  return value.empty() ? variable(other) : value;
}

std::string_view host_in(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  const std::optional<HostPort> parts = host_port_of_url(url.substr(scheme + 3));
  return parts ? parts->host : std::string_view();
}

bool goes_direct(std::string_view host) {
  for (const std::string& part : split(either("no_proxy", "NO_PROXY"), ',')) {
    std::string_view name = trim(part);
    if (name == "*") return true;
    if (name.starts_with('.')) name.remove_prefix(1);
    if (name.empty() || !host.ends_with(name)) continue;
    if (host.size() == name.size() || host[host.size() - name.size() - 1] == '.') return true;
  }
  return false;
}

}  // namespace

std::string proxy_of_environment(std::string_view url) {
  if (goes_direct(host_in(url))) return {};
  const std::string_view own =
      url.starts_with("https:") ? either("https_proxy", "HTTPS_PROXY") : variable("http_proxy");
  return std::string(own.empty() ? either("all_proxy", "ALL_PROXY") : own);
}

}  // namespace perch::net
