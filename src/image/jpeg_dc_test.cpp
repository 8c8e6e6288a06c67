#include "image/jpeg_dc.hpp"

#include <map>
#include <optional>
#include <random>

#include <doctest/doctest.h>

#include "support/picture_files.hpp"

namespace perch::image {

namespace {

using test::JpegKind;

/// The one scan of a baseline file, by a reading of its header that trusts it.
class Header {
 public:
  explicit Header(const Bytes& file) : file_(file) {
    std::size_t at = 2;
    while (file_[at + 1] != 0xda) {
      segment(file_[at + 1], at + 4);
      at += 2 + word(at + 2);
    }
    const std::size_t count = file_[at + 4];
    components_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      const int sampling = sampling_[i], tables = file_[at + 6 + 2 * i];
      components_[i] = {sampling >> 4, sampling & 15, &codes_[tables >> 4], &codes_[16 + (tables & 15)]};
    }
    begin_ = at + 2 + word(at + 2);
  }

  BaselineScan scan() const { return {size_, components_, quantum_, restart_, ByteView(file_).subspan(begin_)}; }

  std::size_t begin() const { return begin_; }

 private:
  std::size_t word(std::size_t at) const { return static_cast<std::size_t>(file_[at] << 8 | file_[at + 1]); }

  void segment(int marker, std::size_t at) {
    if (marker == 0xdb && file_[at] == 0) quantum_ = file_[at + 1];
    if (marker == 0xdd) restart_ = static_cast<int>(word(at));
    if (marker == 0xc0) {
      size_ = {static_cast<int>(word(at + 3)), static_cast<int>(word(at + 1))};
      for (std::size_t i = 0; i < file_[at + 5]; ++i) sampling_.push_back(file_[at + 7 + 3 * i]);
    }
    if (marker != 0xc4) return;
    const std::size_t end = at + word(at - 2) - 2;
    while (at < end) {
      HuffmanCode& code = codes_[file_[at++]];
      std::size_t values = 0;
      for (std::size_t length = 1; length <= 16; ++length) values += code.counts[length] = file_[at++];
      for (std::size_t i = 0; i < values; ++i) code.values[i] = file_[at++];
    }
  }

  const Bytes& file_;
  Size size_;
  int quantum_ = 0, restart_ = 0;
  std::vector<int> sampling_;
  std::map<int, HuffmanCode> codes_;
  std::vector<BaselineScan::Component> components_;
  std::size_t begin_ = 0;
};

bool same(const Picture& picture, const test::Luma& luma) {
  return picture.size() == Size{luma.width, luma.height} &&
         std::equal(luma.pixels.begin(), luma.pixels.end(), picture.data());
}

}  // namespace

TEST_CASE("the means of blocks are what libjpeg says they are, in every kind of baseline file") {
  DcReader reader;
  Picture picture;
  for (const auto& [width, height] : {std::pair{8, 8}, {1, 1}, {64, 48}, {161, 93}, {33, 200}, {640, 360}})
    for (const auto& [across, down] : {std::pair{1, 1}, {2, 1}, {1, 2}, {2, 2}, {4, 1}, {4, 2}})
      for (const int quality : {5, 50, 85, 100})
        for (const int restarts : {0, 1, 3})
          for (const bool optimised : {false, true}) {
            CAPTURE(width);
            CAPTURE(height);
            CAPTURE(across);
            CAPTURE(down);
            CAPTURE(quality);
            CAPTURE(restarts);
            CAPTURE(optimised);
            const Bytes file = test::jpeg_file(
                width, height,
                {.restart_rows = restarts, .quality = quality, .across = across, .down = down, .optimised = optimised});
            REQUIRE(reader.read(Header(file).scan(), picture));
            REQUIRE(same(picture, test::luma_eighth(file)));
          }
}

TEST_CASE("a grey file has luma alone") {
  DcReader reader;
  Picture picture;
  for (const int factor : {1, 2}) {
    const Bytes file = test::jpeg_file(
        70, 50,
        {.colours = JpegKind::Colours::grey, .restart_rows = 2, .quality = 100, .across = factor, .down = factor});
    REQUIRE(reader.read(Header(file).scan(), picture));
    CHECK(same(picture, test::luma_eighth(file)));
  }
}

TEST_CASE("what is cut short is left to libjpeg, wherever it is cut") {
  const Bytes file = test::jpeg_file(64, 48, {.restart_rows = 1, .quality = 80});
  DcReader reader;
  Picture picture;
  const Header header(file);
  BaselineScan scan = header.scan();
  REQUIRE(reader.read(scan, picture));
  const ByteView all = scan.data;
  for (std::size_t size = 0; size < all.size(); ++size) {
    scan.data = all.first(size);
    CAPTURE(size);
    CHECK_FALSE(reader.read(scan, picture));
  }
}

TEST_CASE("a damaged scan is either left to libjpeg, or means what libjpeg finds without a word") {
  DcReader reader;
  Picture picture;
  std::mt19937 random(7);
  int read = 0, left = 0;
  for (const JpegKind& kind :
       {JpegKind{.quality = 60}, JpegKind{.restart_rows = 1, .quality = 85, .across = 1, .down = 1},
        JpegKind{.colours = JpegKind::Colours::grey, .quality = 100}}) {
    const Bytes good = test::jpeg_file(96, 64, kind);
    for (int i = 0; i < 4000; ++i) {
      Bytes file = good;
      const std::size_t begin = Header(file).begin();
      for (int flips = 1 + static_cast<int>(random() % 3); flips > 0; --flips)
        file[begin + random() % (file.size() - begin)] ^= static_cast<std::uint8_t>(1U << random() % 8);
      if (!reader.read(Header(file).scan(), picture)) {
        ++left;
        continue;
      }
      ++read;
      CAPTURE(i);
      REQUIRE(same(picture, test::luma_eighth(file)));
    }
  }
  CHECK(read > 100);
  CHECK(left > 100);
}

TEST_CASE("tables that are no Huffman code are left to libjpeg") {
  const Bytes file = test::jpeg_file(64, 48);
  DcReader reader;
  Picture picture;
  const Header header(file);
  const BaselineScan scan = header.scan();
  std::vector<BaselineScan::Component> components(scan.components.begin(), scan.components.end());
  HuffmanCode crowded;
  crowded.counts[1] = 2;  // the code of all ones is none
  HuffmanCode endless;
  endless.counts[16] = 255;
  endless.counts[15] = 255;
  HuffmanCode wide = *components[0].dc;
  wide.values[0] = 200;  // bits of a difference
  for (const HuffmanCode* bad : {&crowded, &endless, &wide}) {
    components[0] = scan.components[0];
    components[0].dc = bad;
    BaselineScan odd = scan;
    odd.components = components;
    CHECK_FALSE(reader.read(odd, picture));
  }
  CHECK(reader.read(scan, picture));
}

TEST_CASE("cameras with more tables than are kept can take turns") {
  DcReader reader;
  Picture picture;
  std::vector<Bytes> files;
  for (int i = 0; i < 12; ++i)
    files.push_back(test::jpeg_file(40 + 8 * i, 48, {.quality = 30 + 5 * i, .optimised = true}));
  for (int round = 0; round < 3; ++round)
    for (const Bytes& file : files) {
      REQUIRE(reader.read(Header(file).scan(), picture));
      CHECK(same(picture, test::luma_eighth(file)));
    }
}

}  // namespace perch::image
