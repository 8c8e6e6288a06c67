// Lines that claim to be readings: what is accepted must come out the same when it is written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/bytes.hpp"
#include "journal/reading_json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const perch::ByteView bytes(data, size);
  const auto reading = perch::journal::reading_from_json(perch::as_text(bytes));
  if (!reading) return 0;
  const std::string line = perch::journal::to_json(*reading);
  const auto again = perch::journal::reading_from_json(line);
  if (!again || perch::journal::to_json(*again) != line) std::abort();
  return 0;
}
