#pragma once
#include <string>
#include <string_view>

namespace perch::test {

/// The server's side of HTTP digest authentication with MD5 and `qop=auth`: asks, and checks what comes back to the
/// last digit. Source: RFC 7616.
class DigestAuth {
 public:
  DigestAuth(std::string user, std::string password, std::string nonce)
      : user_(std::move(user)),
        password_(std::move(password)),
        nonce_(std::move(nonce)) {}

  /// The value of `WWW-Authenticate`.
  std::string challenge() const;

  /// Whether a request's head carries the right answer for this nonce, its method and its path.
  bool accepts(std::string_view head) const;

 private:
  std::string user_, password_, nonce_;
};

}  // namespace perch::test
