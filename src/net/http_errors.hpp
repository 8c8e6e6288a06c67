#pragma once
#include <string>
#include <string_view>

#include "net/http_message.hpp"

/// How failed requests are named: the same words and codes wherever an address is fetched.
namespace perch::net {

/// An answer that is not what was asked for. @thread any
Error status_error(int status, const std::string& url);

/// A transfer that was stopped from our side. @thread any
Error canceled(const HttpRequest& request);

/// A transfer that failed. @thread any
/// @param code      the library's `CURLcode`
/// @param detail    the library's words for this very failure; may be empty
/// @param connected whether the connection had been made
Error transfer_error(int code, std::string_view detail, bool connected, const HttpRequest& request);

}  // namespace perch::net
