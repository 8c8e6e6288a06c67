#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "base/bytes.hpp"
#include "image/codec.hpp"
#include "support/real_data.hpp"
#include "support/view_faults.hpp"
#include "vision/view.hpp"

using namespace perch;
using namespace std::chrono_literals;
using image::Picture;
using vision::ViewFault;
using vision::ViewWatch;

namespace {

constexpr int kMargin = 40;  // of twice the size that is looked at
constexpr int kWithin_s = 60;

/// A camera that has looked at this photo for a minute, at one frame a second, in light that wavers a little.
class Camera {
 public:
  explicit Camera(const Picture& photo) : photo_(&photo) {
    for (int i = 0; i < kWithin_s; ++i) alarms_ += see(usual()).has_value();
  }

  std::optional<ViewFault> see(const Picture& wide) {
    Picture luma;
    vision::reduce_to_luma(wide.view(), wide.width() / 2, luma);
    luma = test::lit(luma, 1 + 0.02 * static_cast<double>(random_() % 7), 3, random_);
    now_ += 1s;
    return watch_.look(luma.view(), vision::luma_stats(luma.view()), now_);
  }

  Picture usual() const { return test::turned(*photo_, kMargin, 0, 0); }

  Picture turned(int dx, int dy) const { return test::turned(*photo_, kMargin, dx, dy); }

  /// Whether this fault, and no other, is named within a minute.
  bool names(ViewFault fault, const Picture& picture) {
    for (int i = 0; i < kWithin_s; ++i)
      if (const auto named = see(picture)) return named == fault;
    return false;
  }

  int alarms() const { return alarms_; }

 private:
  const Picture* photo_;
  ViewWatch watch_;
  Nanoseconds now_{0};
  std::mt19937 random_{1};
  int alarms_ = 0;
};

std::vector<Picture> photos() {
  std::vector<Picture> all;
  image::PictureDecoder decoder;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(test::real_data() / "photos/coco33"))
    if (entry.path().extension() == ".jpg") files.push_back(entry.path());
  std::ranges::sort(files);
  for (const std::filesystem::path& file : files) {
    Picture picture;
    REQUIRE(decoder.decode_luma(read_file(file).value(), picture, 400));
    all.push_back(std::move(picture));
  }
  return all;
}

}  // namespace

TEST_CASE("real views that are turned, blurred or covered are named within a minute, and as what they are") {
  PERCH_NEEDS_REAL_DATA("photos/coco33");
  const std::vector<Picture> all = photos();
  REQUIRE(all.size() >= 30);
  // PERCH_VIEW_ALL: every photo, for figures; a few are enough to see that it works.
  const std::size_t step = std::getenv("PERCH_VIEW_ALL") ? 1 : 11;
  int views = 0;
  int alarms = 0;
  std::array<int, 6> named{};
  for (std::size_t at = 0; at < all.size(); at += step) {
    const Picture& photo = all[at];
    const Camera learned(photo);
    ++views;
    alarms += learned.alarms();
    for (std::size_t i = 0; i < named.size(); ++i) {
      Camera camera = learned;
      const std::array faulty{camera.turned(16, 0),
                              camera.turned(-24, 14),
                              test::blurred(camera.usual(), 5),
                              test::blurred(camera.usual(), 9),
                              test::covered(camera.usual(), 110),
                              test::turned(all[(at + i + 2) % all.size()], 40, 0, 0)};
      constexpr std::array kFaults{ViewFault::moved,   ViewFault::moved,   ViewFault::blurred,
                                   ViewFault::blurred, ViewFault::covered, ViewFault::moved};
      if (i == 5 && faulty[5].size() != camera.usual().size()) {
        ++named[5];  // another size is another camera
        continue;
      }
      named[i] += camera.names(kFaults[i], faulty[i]);
    }
  }
  std::printf("of %d views: turned a little %d, more %d; blurred %d, more %d; covered %d; elsewhere %d; %d alarms\n",
              views, named[0], named[1], named[2], named[3], named[4], named[5], alarms);
  CHECK(alarms == 0);
  const auto most = views * 9 / 10;
  for (const int count : named) CHECK(count >= most);
}
