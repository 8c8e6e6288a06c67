#include "base/ids.hpp"

#include <array>
#include <mutex>

#include <openssl/rand.h>

#include "base/assert.hpp"

namespace perch {

std::string make_ulid(UtcTime now) {
  static std::mutex mutex;
  static std::int64_t last_ms = -1;
  static std::array<std::uint8_t, 10> random{};

  const std::lock_guard lock(mutex);
  const std::int64_t ms = std::max<std::int64_t>(0, now.time_since_epoch().count());
  bool fresh = ms != last_ms;
  if (!fresh) {  // the same millisecond: the next number, unless the 80 bits overflow
    fresh = true;
    for (std::size_t i = random.size(); i-- > 0;) {
      if (++random[i] != 0) {
        fresh = false;
        break;
      }
    }
  }
  if (fresh) {
    const int filled = RAND_bytes(random.data(), static_cast<int>(random.size()));
    PERCH_ASSERT(filled == 1);
    last_ms = ms;
  }

  std::array<std::uint8_t, 16> id{};
  for (std::size_t i = 0; i < 6; ++i) id[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  std::copy(random.begin(), random.end(), id.begin() + 6);

  constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::string text(26, '0');
  for (std::size_t i = 0; i < 26; ++i) {  // 130 bits from 128: the first character holds three
    unsigned value = 0;
    for (std::size_t bit = 0; bit < 5; ++bit) {
      const std::size_t at = i * 5 + bit;
      value <<= 1;
      if (at >= 2) value |= (id[(at - 2) / 8] >> (7 - (at - 2) % 8)) & 1U;
    }
    text[i] = kCrockford[value];
  }
  return text;
}

}  // namespace perch
