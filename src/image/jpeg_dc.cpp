#include "image/jpeg_dc.hpp"

#include <cstring>
#include <utility>

namespace perch::image {

namespace {

constexpr int kBlock = 8;                  ///< px
constexpr int kCoefficients = 64;          ///< of a block
constexpr int kDcLook = 10, kAcLook = 13;  ///< bits that are looked at at once
constexpr int kLongestCode = 16;
constexpr int kLongestDc = 11;       ///< bits of a difference in baseline
constexpr std::size_t kTables = 16;  ///< kept: four sets, of cameras of four makes
constexpr std::uint8_t kMarker = 0xff, kRestart = 0xd0, kEnd = 0xd9;

/// libjpeg's limiting of samples: it wraps what is far out of range, as only damaged files have it.
std::uint8_t sample_of(int value) {
  const int wrapped = (value + 4) >> 3 & 1023;
  if (wrapped < 128) return static_cast<std::uint8_t>(wrapped + 128);
  if (wrapped < 512) return 255;
  return wrapped < 896 ? 0 : static_cast<std::uint8_t>(wrapped - 896);
}

/// The number that `count` bits stand for as a difference: those that begin with 0 are negative.
int extend(int value, int count) {
  return count > 0 && value < 1 << (count - 1) ? value - (1 << count) + 1 : value;
}

}  // namespace

/// The bits of a scan, one after the other, with stuffed zeros taken out.
struct DcReader::Bits {
  explicit Bits(ByteView data) : next(data.data()), end(data.data() + data.size()) {}

  std::uint64_t window = 0;  ///< the next bits, the first on top; zeros behind those that there are
  int count = 0;             ///< bits that there are; below 0 when more were taken
  const std::uint8_t* next;
  const std::uint8_t* end;
  bool at_marker = false;  ///< no more bits come: `next` stands at a marker, or the end

  /// Makes sure of 32 bits at least, if there are as many.
  void fill() {
    if (count >= 32 || at_marker) return;
    if (end - next >= 8) {
      std::uint64_t eight = 0;
      std::memcpy(&eight, next, sizeof eight);
      // None of the eight is 0xff: the usual trick for a zero byte, on the complement.
      if (((~eight - 0x0101010101010101U) & eight & 0x8080808080808080U) == 0) {
        window |= __builtin_bswap64(eight) >> count;
        const int whole = (63 - count) >> 3;
        next += whole;
        count += whole * 8;
        return;
      }
    }
    while (count <= 56 && fill_byte()) {
    }
  }

  int peek(int bits) const { return static_cast<int>(window >> (64 - bits)); }

  void drop(int bits) {
    window <<= bits;
    count -= bits;
  }

  int take(int bits) {
    if (bits == 0) return 0;
    const int value = peek(bits);
    drop(bits);
    return value;
  }

  /// Passes over a restart marker that must stand here. False when it does not.
  bool restart(int number) {
    if (!at_end_of_data() || end - next < 2 || next[1] != kRestart + number) return false;
    next += 2;
    window = 0;
    count = 0;
    at_marker = false;
    return true;
  }

  /// Whether only the bits that fill up a byte are left, and then the file ends as it should.
  bool ends_well() { return at_end_of_data() && end - next >= 2 && next[1] == kEnd; }

 private:
  bool fill_byte() {
    if (next == end || (*next == kMarker && (end - next < 2 || next[1] != 0))) {
      at_marker = true;
      return false;
    }
    window |= std::uint64_t{*next} << (56 - count);
    count += 8;
    next += *next == kMarker ? 2 : 1;
    return true;
  }

  bool at_end_of_data() {
    while (count <= 56 && !at_marker) fill_byte();
    return at_marker && count >= 0 && count < 8;
  }
};

/// What a Huffman table means, by the next bits.
struct DcReader::Table {
  HuffmanCode code;
  bool dc = false;
  bool valid = false;
  std::array<int, kLongestCode + 1> last{};    ///< the highest code of each length, or -1
  std::array<int, kLongestCode + 1> offset{};  ///< code + offset = its place among the values
  std::array<DcEntry, std::size_t{1} << kDcLook> dc_looks{};
  std::array<AcEntry, std::size_t{1} << kAcLook> ac_looks{};

  Table(const HuffmanCode& its_code, bool is_dc) : code(its_code), dc(is_dc) {
    valid = number_codes();
    if (!valid) return;
    for (std::size_t look = 0; dc && look < dc_looks.size(); ++look) dc_looks[look] = dc_entry(static_cast<int>(look));
    for (std::size_t look = 0; !dc && look < ac_looks.size(); ++look) ac_looks[look] = ac_entry(static_cast<int>(look));
  }

  /// Source: T.81, annex C. False when there are more codes than a length has room for (all ones is none), or
  /// values that cannot be.
  bool number_codes() {
    int next = 0, place = 0;
    for (std::size_t length = 1; length <= kLongestCode; ++length) {
      const int count = code.counts[length];
      offset[length] = place - next;
      next += count;
      place += count;
      last[length] = count > 0 ? next - 1 : -1;
      if ((count > 0 && next >= 1 << length) || place > 256) return false;
      next <<= 1;
    }
    for (int i = 0; dc && i < place; ++i)
      if (code.values[static_cast<std::size_t>(i)] > kLongestDc) return false;
    return true;
  }

  /// The value whose code the top bits of `bits` begin with, and its length; 0 bits when `available` are too few.
  struct Symbol {
    int value = 0;
    int bits = 0;
  };

  Symbol symbol(int bits, int available) const {
    for (int length = 1; length <= available; ++length) {
      const int start = bits >> (available - length);
      const auto at = static_cast<std::size_t>(length);
      if (start > last[at]) continue;
      const int place = start + offset[at];
      return {code.values[static_cast<std::size_t>(place)], length};
    }
    return {};
  }

  DcEntry dc_entry(int look) const {
    const Symbol found = symbol(look, kDcLook);
    const int bits = found.bits + found.value;
    if (found.bits == 0 || bits > kDcLook) return {};
    const int value = look >> (kDcLook - bits) & ((1 << found.value) - 1);
    return {static_cast<std::int16_t>(extend(value, found.value)), static_cast<std::uint8_t>(bits)};
  }

  AcEntry ac_entry(int look) const {
    int used = 0, advance = 0;
    bool ends = false;
    while (used < kAcLook && !ends) {
      const int left = kAcLook - used;
      const Symbol found = symbol(look & ((1 << left) - 1), left);
      const int run = found.value >> 4, size = found.value & 15;
      if (found.bits == 0 || found.bits + size > left) break;
      if (advance + run + 1 >= kCoefficients) break;
      ends = size == 0 && run != 15;
      used += found.bits + size;
      if (!ends) advance += run + 1;
    }
    AcEntry entry;
    entry.bits = static_cast<std::uint8_t>(used);
    entry.advance = static_cast<std::uint8_t>(advance) & 0x7f;
    entry.ends = ends ? 1 : 0;
    return entry;
  }
};

std::shared_ptr<const DcReader::Table> DcReader::table_for(const HuffmanCode& code, bool dc) {
  for (const auto& table : tables_)
    if (table->dc == dc && table->code == code) return table;
  auto made = std::make_shared<const Table>(code, dc);
  if (tables_.size() < kTables) return tables_.emplace_back(std::move(made));
  oldest_ = (oldest_ + 1) % kTables;
  return tables_[oldest_] = std::move(made);
}

bool DcReader::read_dc(const Table& table, Bits& bits, int& difference) {
  bits.fill();
  const DcEntry entry = table.dc_looks[static_cast<std::size_t>(bits.peek(kDcLook))];
  if (entry.bits > 0) {
    bits.drop(entry.bits);
    difference = entry.difference;
    return true;
  }
  const Table::Symbol found = table.symbol(bits.peek(kLongestCode), kLongestCode);
  if (found.bits == 0) return false;
  bits.drop(found.bits);
  difference = extend(bits.take(found.value), found.value);
  return true;
}

/// Passes over the 63 AC coefficients of a block.
bool DcReader::skip_ac(const Table& table, Bits& bits) {
  int at = 1;
  while (at < kCoefficients) {
    bits.fill();
    const AcEntry entry = table.ac_looks[static_cast<std::size_t>(bits.peek(kAcLook))];
    // The end of a block may lie within the look: then what follows is not of this block.
    const int after = at + entry.advance;
    if (entry.bits > 0 && after < kCoefficients + (entry.ends == 0 ? 1 : 0)) {
      bits.drop(entry.bits);
      if (entry.ends != 0) return true;
      at = after;
      continue;
    }
    const Table::Symbol found = table.symbol(bits.peek(kLongestCode), kLongestCode);
    const int run = found.value >> 4, size = found.value & 15;
    if (found.bits == 0) return false;
    bits.drop(found.bits + size);
    if (size == 0 && run != 15) return true;
    at += run + 1;
  }
  return at == kCoefficients;
}

bool DcReader::read_block(Part& part, Bits& bits) {
  int difference = 0;
  if (!read_dc(*part.dc, bits, difference) || !skip_ac(*part.ac, bits)) return false;
  part.level += difference;
  return part.level == static_cast<std::int16_t>(part.level);
}

bool DcReader::prepare(const BaselineScan& scan) {
  parts_.clear();
  for (const BaselineScan::Component& component : scan.components) {
    parts_.push_back(
        {table_for(*component.dc, true), table_for(*component.ac, false), component.across, component.down, 0});
    if (!parts_.back().dc->valid || !parts_.back().ac->valid) return false;
  }
  if (parts_.size() == 1) parts_[0].across = parts_[0].down = 1;  // a scan of one component has units of one block
  return !parts_.empty();
}

/// One unit: the blocks of luma, whose means go where `x` and `y` (in blocks) say, and those of the colours.
bool DcReader::read_unit(Bits& bits, int quantum, int x, int y, Picture& out) {
  Part& luma = parts_.front();
  for (int down = y; down < y + luma.down; ++down)
    for (int across = x; across < x + luma.across; ++across) {
      if (!read_block(luma, bits)) return false;
      if (across < out.width() && down < out.height()) *out.at(across, down) = sample_of(luma.level * quantum);
    }
  for (std::size_t i = 1; i < parts_.size(); ++i)
    for (int block = parts_[i].across * parts_[i].down; block > 0; --block)
      if (!read_block(parts_[i], bits)) return false;
  return bits.count >= 0;
}

bool DcReader::read(const BaselineScan& scan, Picture& out) {
  if (!prepare(scan)) return false;
  out.reset((scan.size.width + kBlock - 1) / kBlock, (scan.size.height + kBlock - 1) / kBlock, 1);
  Bits bits(scan.data);
  int until_restart = scan.restart_units, restarts = 0;
  for (int y = 0; y < out.height(); y += parts_[0].down)
    for (int x = 0; x < out.width(); x += parts_[0].across) {
      if (scan.restart_units > 0 && until_restart-- == 0) {
        if (!bits.restart(restarts++ % 8)) return false;
        for (Part& part : parts_) part.level = 0;
        until_restart = scan.restart_units - 1;
      }
      if (!read_unit(bits, scan.luma_quantum, x, y, out)) return false;
    }
  return bits.ends_well();
}

}  // namespace perch::image
