#pragma once
#include <string>
#include <string_view>

namespace perch::net {

/// A DNS name without its escapes, for people: `\DDD` is a byte, `\.` a dot within a part, `\\` a backslash. It cannot
/// be looked up: its parts can no longer be told apart. A backslash before anything else stays as it is.
/// Source: RFC 1035 section 5.1, RFC 6763 section 4.3. @thread any
std::string unescape_dns_name(std::string_view name);

}  // namespace perch::net
