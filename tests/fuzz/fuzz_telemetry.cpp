// Telemetry of any form, cut into pieces anywhere: records or errors, and the same ones however it was cut.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "source/telemetry/records.hpp"

namespace {

using namespace perch::source::telemetry;

/// Every field of every record, in order.
std::string read_all(perch::ByteView bytes, std::size_t piece, Format format) {
  std::string seen;
  Lines lines;
  RecordParser parser(format, "", TimeUnit::s);
  const auto drain = [&] {
    for (auto line = lines.next(); line && *line; line = lines.next()) {
      const auto row = parser.line(**line);
      if (!row) seen += row.error().what;
      if (!row || !*row) continue;
      if ((*row)->record.fields.size() > kMostColumns + 1 && format == Format::csv) std::abort();
      for (const auto& [name, value] : (*row)->record.fields) seen += name + static_cast<char>('0' + value.index());
    }
  };
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    lines.add(bytes.subspan(at, std::min(piece, bytes.size() - at)));
    drain();
  }
  lines.finish();
  drain();
  if (!lines.ended()) std::abort();
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto format = static_cast<Format>(data[0] % 3);
  const std::size_t piece = 1 + data[0] / 3;
  const perch::ByteView bytes(data + 1, size - 1);
  if (read_all(bytes, piece, format) != read_all(bytes, size, format)) std::abort();
  return 0;
}
