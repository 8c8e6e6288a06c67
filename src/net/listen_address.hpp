#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace perch::net {

/// Where to listen: an address of this machine, or `localhost`, which is 127.0.0.1; and a port (0: any free one).
struct ListenAddress {
  std::string host;  ///< without brackets
  std::uint16_t port = 0;
  bool operator==(const ListenAddress&) const = default;
};

/// `127.0.0.1:3000`, `localhost:0`, `[::1]:3000`. Errors: invalid, with how it is written. @thread any
Result<ListenAddress> parse_listen(std::string_view text);

/// As `parse_listen` reads it. @thread any
std::string to_string(const ListenAddress& address);

/// The host as numbers. @thread any
std::string numeric_host(const ListenAddress& address);

/// Whether one listens where the other does, so that a second server can only listen once the first no longer does. Any
/// address overlaps with each other one of its port. @thread any
bool overlap(const ListenAddress& a, const ListenAddress& b);

}  // namespace perch::net
