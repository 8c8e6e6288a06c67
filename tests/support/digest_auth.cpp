#include "support/digest_auth.hpp"

#include <openssl/evp.h>

namespace perch::test {

namespace {

std::string md5_hex(const std::string& text) {
  unsigned char digest[16];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_md5(), nullptr);
  std::string out;
  for (const unsigned char byte : digest) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

/// The value of `name=` in an Authorization header, without quotes.
std::string field(std::string_view header, const std::string& name) {
  for (std::size_t at = header.find(name + "="); at != std::string_view::npos; at = header.find(name + "=", at + 1)) {
    if (at > 0 && header[at - 1] != ' ' && header[at - 1] != ',') continue;
    std::string_view value = header.substr(at + name.size() + 1);
    if (value.starts_with('"')) return std::string(value.substr(1, value.find('"', 1) - 1));
    return std::string(value.substr(0, value.find_first_of(", \r")));
  }
  return {};
}

}  // namespace

std::string DigestAuth::challenge() const {
  return R"(Digest realm="cam", qop="auth", algorithm=MD5, nonce=")" + nonce_ + '"';
}

bool DigestAuth::accepts(std::string_view head) const {
  const std::string_view line = head.substr(0, head.find("\r\n"));
  const std::size_t first = line.find(' '), second = line.find(' ', first + 1);
  const std::string method(line.substr(0, first)), path(line.substr(first + 1, second - first - 1));
  const std::size_t at = head.find("Authorization: Digest ");
  if (at == std::string_view::npos) return false;
  const std::string_view header = head.substr(at + 15, head.find("\r\n", at) - at - 15);
  if (field(header, "username") != user_ || field(header, "nonce") != nonce_ || field(header, "uri") != path ||
      field(header, "qop") != "auth")
    return false;
  const std::string ha1 = md5_hex(user_ + ":cam:" + password_), ha2 = md5_hex(method + ":" + path);
  return field(header, "response") ==
         md5_hex(ha1 + ":" + nonce_ + ":" + field(header, "nc") + ":" + field(header, "cnonce") + ":auth:" + ha2);
}

}  // namespace perch::test
