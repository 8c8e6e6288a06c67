#include "net/dns_name.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace perch::net {

std::string unescape_dns_name(std::string_view name) {
  constexpr std::size_t kDigits = 3;
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const std::string_view after = name.substr(i + 1);
    const std::string_view digits = after.substr(0, kDigits);
    const bool all_digits =
        digits.size() == kDigits && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    const int byte = all_digits ? parse_number<int>(digits).value_or(-1) : -1;
    if (name[i] != '\\') {
      out += name[i];
    } else if (byte >= 0 && byte <= 255) {
      out += static_cast<char>(byte);
      i += kDigits;
    } else if (after.starts_with('.') || after.starts_with('\\')) {
      out += after.front();
      ++i;
    } else {
      out += '\\';
    }
  }
  return out;
}

}  // namespace perch::net
