#pragma once
#include <string>

#include "base/result.hpp"

namespace perch::net {

/// Whether `scheme://…` can be an address: it names a host, its port is one, and there is no white space in it. What
/// the scheme is does not matter. The error does not repeat the text, which may hold a password.
/// Errors: invalid. @thread any
Result<void> check_address(const std::string& url);

}  // namespace perch::net
