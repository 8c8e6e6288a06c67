#pragma once
#include <string>
#include <string_view>

namespace perch::net {

/// The proxy that the environment names for an address, for commands that a user starts: `https_proxy` or `http_proxy`
/// by the address's scheme, else `all_proxy`; in capitals too, but for `HTTP_PROXY`, which a CGI caller could set.
/// Empty without one, and for hosts that `no_proxy` lists: names with all below them, or `*`.
/// Source: libcurl-env(3). @thread any that does not run beside a change of the environment
std::string proxy_of_environment(std::string_view url);

}  // namespace perch::net
