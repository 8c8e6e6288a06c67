#include "image/sampling.hpp"

#include <cstring>
#include <limits>
#include <random>

#include <doctest/doctest.h>
#include <opencv2/imgproc.hpp>

namespace perch::image {

namespace {

std::mt19937& random_numbers() {
  static std::mt19937 engine(20261121);
  return engine;
}

int between(int low, int high) {
  return low + static_cast<int>(random_numbers()() % static_cast<unsigned>(high - low + 1));
}

float between(float low, float high) {
  return low + static_cast<float>(random_numbers()() % 100'000) / 100'000 * (high - low);
}

/// Noise, so that no mistake hides; or a smooth picture, where OpenCV's coarse positions do not matter.
Picture make_picture(int width, int height, int channels, bool smooth = false) {
  Picture picture(width, height, channels);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < channels; ++c)
        picture.at(x, y)[c] = static_cast<std::uint8_t>(smooth ? x + y + c * 10 : between(0, 255));
  return picture;
}

// ---- The reference: one pixel at a time, in two dimensions at once, without tables.

/// The pixel at (x, y), or the nearest that the crop touches.
double source_at(const PictureView& picture, const Box& crop, double x, double y, int channel) {
  const double left = std::max(0.0, std::floor(double{crop.x})), top = std::max(0.0, std::floor(double{crop.y}));
  const double right = std::min(picture.width, static_cast<int>(std::ceil(double{crop.x} + crop.width))) - 1.0;
  const double bottom = std::min(picture.height, static_cast<int>(std::ceil(double{crop.y} + crop.height))) - 1.0;
  const int column = static_cast<int>(std::min(std::max(x, left), right));
  const int row = static_cast<int>(std::min(std::max(y, top), bottom));
  return picture.row(row)[column * picture.channels + (picture.channels == 1 ? 0 : channel)];
}

double lerped(const PictureView& picture, const Box& crop, double x, double y, int channel) {
  const double left = std::floor(x), top = std::floor(y), across = x - left, down = y - top;
  const auto at = [&](double u, double v) { return source_at(picture, crop, u, v, channel); };
  return (at(left, top) * (1 - across) + at(left + 1, top) * across) * (1 - down) +
         (at(left, top + 1) * (1 - across) + at(left + 1, top + 1) * across) * down;
}

/// The pixel value (0..255) of target pixel (i, j) of a content of `size`.
double reference_pixel(const PictureView& picture, const Box& crop, Size size, Interpolation how, int i, int j,
                       int channel) {
  const double scale_x = 1.0 / (size.width / double{crop.width}), scale_y = 1.0 / (size.height / double{crop.height});
  // Counted from the crop's first whole pixel, as OpenCV counts within a part: so ties fall on the same side.
  const double first_x = std::floor(double{crop.x}), first_y = std::floor(double{crop.y});
  const double rest_x = crop.x - first_x, rest_y = crop.y - first_y;
  const double x = crop.x + i * scale_x, y = crop.y + j * scale_y;
  if (how == Interpolation::nearest)
    return source_at(picture, crop, first_x + std::floor(rest_x + i * scale_x),
                     first_y + std::floor(rest_y + j * scale_y), channel);
  if (how == Interpolation::bilinear)
    return lerped(picture, crop, crop.x + (i + 0.5) * scale_x - 0.5, crop.y + (j + 0.5) * scale_y - 0.5, channel);
  if (scale_x < 1 || scale_y < 1) {
    const auto edge = [](double begin, double scale, int target) {
      const double at = begin + target * scale, left = std::floor(at);
      const auto beyond = static_cast<float>((target + 1) - (left + 1 - begin) / scale);  // as OpenCV rounds it
      return left + (beyond <= 0 ? 0 : beyond - std::floor(beyond));
    };
    return lerped(picture, crop, first_x + edge(rest_x, scale_x, i), first_y + edge(rest_y, scale_y, j), channel);
  }
  double sum = 0, weight = 0;
  for (double v = std::floor(y); v < y + scale_y; ++v)
    for (double u = std::floor(x); u < x + scale_x; ++u) {
      const double covered =
          (std::min(x + scale_x, u + 1) - std::max(x, u)) * (std::min(y + scale_y, v + 1) - std::max(y, v));
      sum += covered * source_at(picture, crop, u, v, channel);
      weight += covered;
    }
  return sum / weight;
}

/// The three or one values of a tensor's pixel before normalisation, in the tensor's order.
std::vector<double> in_order(const TensorFormat& format, const std::array<double, 3>& rgb) {
  if (format.order == ColourOrder::grey) return {0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]};
  if (format.order == ColourOrder::bgr) return {rgb[2], rgb[1], rgb[0]};
  return {rgb[0], rgb[1], rgb[2]};
}

double normalised(const TensorFormat& format, double pixel, std::size_t channel) {
  const double value = (pixel * format.scale - format.mean[channel]) / format.std[channel];
  return format.element == Element::f32 ? value : std::clamp(value, 0.0, 255.0);
}

double element(const TensorFormat& format, const std::vector<std::byte>& tensor, int x, int y, int channel) {
  const int width = format.size.width, height = format.size.height;
  const int at = format.layout == Layout::nchw ? (channel * height + y) * width + x
                                               : (y * width + x) * format.channels() + channel;
  if (format.element == Element::u8) return std::to_integer<int>(tensor[static_cast<std::size_t>(at)]);
  float value = 0;
  std::memcpy(&value, tensor.data() + static_cast<std::size_t>(at) * sizeof value, sizeof value);
  return double{value};
}

TensorFormat random_format() {
  TensorFormat format;
  format.size = {between(1, 40), between(1, 40)};
  format.layout = between(0, 1) == 0 ? Layout::nchw : Layout::nhwc;
  format.order = static_cast<ColourOrder>(between(0, 2));
  format.element = between(0, 1) == 0 ? Element::f32 : Element::u8;
  if (between(0, 1) == 0) {
    format.scale = between(0.2F, 1.2F);
    for (std::size_t c = 0; c < 3; ++c) format.mean[c] = between(-20.F, 20.F), format.std[c] = between(0.5F, 2.F);
  }
  for (float& value : format.fill) value = between(0.F, 255.F);
  return format;
}

PixelRect random_content(Size size) {
  const int width = between(1, size.width), height = between(1, size.height);
  return {between(0, size.width - width), between(0, size.height - height), width, height};
}

bool inside(const PixelRect& rect, int x, int y) {
  return x >= rect.x && y >= rect.y && x < rect.x + rect.width && y < rect.y + rect.height;
}

/// How far a tensor is from the reference at most; `pixel_at(x, y, channel)` gives 0..255 for pixels of the content.
double worst(const TensorFormat& format, const PixelRect& content, const std::vector<std::byte>& tensor,
             auto pixel_at) {
  double most = 0;
  for (int y = 0; y < format.size.height; ++y)
    for (int x = 0; x < format.size.width; ++x) {
      std::vector<double> want;
      if (inside(content, x, y))
        want = in_order(format, {pixel_at(x - content.x, y - content.y, 0), pixel_at(x - content.x, y - content.y, 1),
                                 pixel_at(x - content.x, y - content.y, 2)});
      else
        for (int c = 0; c < format.channels(); ++c) want.push_back(double{format.fill[static_cast<std::size_t>(c)]});
      for (int c = 0; c < format.channels(); ++c) {
        const auto channel = static_cast<std::size_t>(c);
        most = std::max(most, std::abs(element(format, tensor, x, y, c) - normalised(format, want[channel], channel)));
      }
    }
  return most;
}

/// Half a step for rounding, and a little for arithmetic in 32 bits.
double tolerance(const TensorFormat& format) {
  return format.element == Element::u8 ? 0.51 : 2e-3;
}

std::vector<std::byte> tensor_for(const TensorFormat& format) {
  return std::vector<std::byte>(format.bytes(), std::byte{0xa5});
}

}  // namespace

TEST_CASE("resizing agrees with a plain reference for any size, crop, layout, order and type") {
  Scratch scratch;
  ResizePlan plan;
  for (int round = 0; round < 1500; ++round) {
    const Picture picture = make_picture(between(1, 70), between(1, 70), between(0, 3) == 0 ? 1 : 3);
    const TensorFormat format = random_format();
    const PixelRect content = random_content(format.size);
    const auto how = static_cast<Interpolation>(round % 3);
    const auto width = static_cast<float>(picture.width()), height = static_cast<float>(picture.height());
    Box crop{0, 0, width, height};
    if (round % 4 == 1)
      crop = {between(0.F, width * 0.6F), between(0.F, height * 0.6F), width * between(0.05F, 0.4F),
              height * between(0.05F, 0.4F)};
    if (round % 4 == 2) crop = {-width * between(0.F, 0.5F), -height * between(0.F, 0.5F), width * 1.7F, height * 1.6F};
    if (round % 4 == 3) {
      crop.x = static_cast<float>(between(0, picture.width() - 1));
      crop.y = static_cast<float>(between(0, picture.height() - 1));
      crop.width = static_cast<float>(between(1, picture.width() - static_cast<int>(crop.x)));
      crop.height = static_cast<float>(between(1, picture.height() - static_cast<int>(crop.y)));
    }
    CAPTURE(round);
    REQUIRE(plan.remake(picture.size(), crop, content, format, how));
    auto tensor = tensor_for(format);
    REQUIRE(plan.run(picture.view(), tensor, scratch));
    const double most = worst(format, content, tensor, [&](int x, int y, int channel) {
      return reference_pixel(picture.view(), crop, {content.width, content.height}, how, x, y, channel);
    });
    // Area leaves out slivers under a thousandth of a pixel.
    REQUIRE(most <= tolerance(format) + (how == Interpolation::area ? 0.5 : 0));
  }
}

TEST_CASE("resizing agrees with OpenCV, whole pictures and crops at whole pixels") {
  Scratch scratch;
  const auto flag = [](Interpolation how) {
    return how == Interpolation::nearest    ? cv::INTER_NEAREST
           : how == Interpolation::bilinear ? cv::INTER_LINEAR
                                            : cv::INTER_AREA;
  };
  for (int round = 0; round < 600; ++round) {
    Picture picture = make_picture(between(2, 90), between(2, 90), 3);
    const int x = between(0, picture.width() / 2), y = between(0, picture.height() / 2);
    const cv::Rect roi(x, y, between(1, picture.width() - x), between(1, picture.height() - y));
    TensorFormat format{.size = {between(1, 60), between(1, 60)}, .layout = Layout::nhwc};
    if (round % 5 == 0) format.size = {std::max(1, roi.width / 2), std::max(1, roi.height / 2)};
    format.element = round % 2 == 0 ? Element::f32 : Element::u8;
    const auto how = static_cast<Interpolation>(round % 3);
    const cv::Mat whole(picture.height(), picture.width(), CV_8UC3, picture.data());
    cv::Mat source = whole(roi), theirs;
    if (format.element == Element::f32) source.convertTo(source, CV_32FC3);
    cv::resize(source, theirs, {format.size.width, format.size.height}, 0, 0, flag(how));
    const Box crop{static_cast<float>(roi.x), static_cast<float>(roi.y), static_cast<float>(roi.width),
                   static_cast<float>(roi.height)};
    const auto plan =
        ResizePlan::make(picture.size(), crop, {0, 0, format.size.width, format.size.height}, format, how);
    REQUIRE(plan);
    auto tensor = tensor_for(format);
    REQUIRE(plan->run(picture.view(), tensor, scratch));
    double most = 0;
    for (int v = 0; v < format.size.height; ++v)
      for (int u = 0; u < format.size.width; ++u)
        for (int c = 0; c < 3; ++c) {
          const double want =
              format.element == Element::u8 ? theirs.at<cv::Vec3b>(v, u)[c] : double{theirs.at<cv::Vec3f>(v, u)[c]};
          most = std::max(most, std::abs(want - element(format, tensor, u, v, c)));
        }
    CAPTURE(round);
    const double allowed = how == Interpolation::nearest ? 0 : format.element == Element::u8 ? 1 : 0.02;
    REQUIRE(most <= allowed);
  }
}

TEST_CASE("undoing a perspective agrees with a plain reference") {
  Scratch scratch;
  for (int round = 0; round < 400; ++round) {
    const Picture picture = make_picture(between(20, 90), between(20, 90), round % 5 == 0 ? 1 : 3);
    const TensorFormat format = random_format();
    const PixelRect content = random_content(format.size);
    const auto how = static_cast<Interpolation>(round % 3);
    const float w = static_cast<float>(picture.width()), h = static_cast<float>(picture.height());
    const Quad corners{{{{between(-0.15F, 0.2F) * w, between(-0.15F, 0.2F) * h},
                         {between(0.75F, 1.15F) * w, between(-0.15F, 0.2F) * h},
                         {between(0.75F, 1.15F) * w, between(0.75F, 1.15F) * h},
                         {between(-0.15F, 0.2F) * w, between(0.75F, 1.15F) * h}}}};
    const auto plan = WarpPlan::make(picture.size(), corners, content, format, how);
    REQUIRE(plan);
    auto tensor = tensor_for(format);
    REQUIRE(plan->run(picture.view(), tensor, scratch));
    // The map anew, by elimination instead of Heckbert's formulas.
    const auto cx = static_cast<float>(content.x), cy = static_cast<float>(content.y);
    const auto cw = static_cast<float>(content.width), ch = static_cast<float>(content.height);
    const std::vector<cv::Point2f> from{{cx, cy}, {cx + cw, cy}, {cx + cw, cy + ch}, {cx, cy + ch}};
    std::vector<cv::Point2f> to;
    for (const Point& p : corners.corners) to.emplace_back(p.x, p.y);
    const cv::Mat map = cv::getPerspectiveTransform(from, to);
    const auto* const m = map.ptr<double>();
    const auto at = [m](double x, double y) {
      const double z = m[6] * x + m[7] * y + m[8];
      return std::array{(m[0] * x + m[1] * y + m[2]) / z, (m[3] * x + m[4] * y + m[5]) / z};
    };
    // As many points a target pixel as the steepest place of the content asks for.
    double steep_x = 0, steep_y = 0;
    for (const double v : {0.0, 0.5, 1.0})
      for (const double u : {0.0, 0.5, 1.0}) {
        const double x = content.x + u * content.width, y = content.y + v * content.height, d = 1e-4;
        const auto here = at(x, y), right = at(x + d, y), below = at(x, y + d);
        steep_x = std::max(steep_x, std::hypot(right[0] - here[0], right[1] - here[1]) / d);
        steep_y = std::max(steep_y, std::hypot(below[0] - here[0], below[1] - here[1]) / d);
      }
    const auto points = [&](double steep) {
      if (how == Interpolation::nearest) return 1;
      if (how == Interpolation::bilinear) steep = steep > 2 ? steep / 2 : 1;
      return std::clamp(static_cast<int>(std::ceil(steep - 1e-6)), 1, 16);
    };
    const auto on_edge = [&](double steep) {
      return std::abs(steep - std::round(steep)) < 0.01 || std::abs(steep / 2 - std::round(steep / 2)) < 0.01;
    };
    if (on_edge(steep_x) || on_edge(steep_y)) continue;
    const int points_x = points(steep_x), points_y = points(steep_y);
    const Box all{-1e6F, -1e6F, 3e6F, 3e6F};
    int ties = 0;
    const double most = worst(format, content, tensor, [&](int x, int y, int channel) {
      double sum = 0;
      for (int v = 0; v < points_y; ++v)
        for (int u = 0; u < points_x; ++u) {
          const auto p = at(content.x + x + (u + 0.5) / points_x, content.y + y + (v + 0.5) / points_y);
          if (how == Interpolation::nearest) {
            ties += std::abs(p[0] - std::round(p[0])) < 1e-3 || std::abs(p[1] - std::round(p[1])) < 1e-3;
            sum += source_at(picture.view(), all, std::floor(p[0]), std::floor(p[1]), channel);
          } else {
            sum += lerped(picture.view(), all, p[0] - 0.5, p[1] - 0.5, channel);
          }
        }
      return sum / (points_x * points_y);
    });
    CAPTURE(round);
    if (ties == 0) REQUIRE(most <= tolerance(format) + 0.02);
  }
}

TEST_CASE("undoing a perspective agrees with OpenCV") {
  Scratch scratch;
  for (int round = 0; round < 100; ++round) {
    Picture picture = make_picture(130, 90, 3, true);
    const TensorFormat format{.size = {80, 64}, .layout = Layout::nhwc};
    const Quad corners{{{{between(5.F, 30.F), between(5.F, 30.F)},
                         {between(95.F, 120.F), between(5.F, 30.F)},
                         {between(95.F, 120.F), between(65.F, 85.F)},
                         {between(5.F, 30.F), between(65.F, 85.F)}}}};
    const auto plan = WarpPlan::make(picture.size(), corners, {0, 0, 80, 64}, format, Interpolation::bilinear);
    REQUIRE(plan);
    auto tensor = tensor_for(format);
    REQUIRE(plan->run(picture.view(), tensor, scratch));
    // OpenCV counts from pixel centres, we from pixel corners.
    const auto& h = plan->to_source();
    const cv::Mat map = (cv::Mat_<double>(3, 3) << h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8]);
    const cv::Mat to_corner = (cv::Mat_<double>(3, 3) << 1, 0, 0.5, 0, 1, 0.5, 0, 0, 1);
    const cv::Mat to_centre = (cv::Mat_<double>(3, 3) << 1, 0, -0.5, 0, 1, -0.5, 0, 0, 1);
    const cv::Mat centred = to_centre * map * to_corner;
    cv::Mat source(picture.height(), picture.width(), CV_8UC3, picture.data()), theirs;
    source.convertTo(source, CV_32FC3);
    cv::warpPerspective(source, theirs, centred, {80, 64}, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                        cv::BORDER_REPLICATE);
    double most = 0;
    for (int y = 0; y < 64; ++y)
      for (int x = 0; x < 80; ++x)
        for (int c = 0; c < 3; ++c)
          most = std::max(most, std::abs(double{theirs.at<cv::Vec3f>(y, x)[c]} - element(format, tensor, x, y, c)));
    CHECK(most < 0.1);
  }
}

TEST_CASE("an upright quadrilateral gives what the box gives") {
  Scratch scratch;
  const Picture picture = make_picture(60, 50, 3);
  const TensorFormat format{.size = {30, 25}};
  const Box crop{4.5F, 7.25F, 40, 31};
  for (const auto how : {Interpolation::nearest, Interpolation::bilinear}) {
    const auto box = ResizePlan::make(picture.size(), crop, {0, 0, 30, 25}, format, how);
    const auto quad = WarpPlan::make(picture.size(), Quad::from_box(crop), {0, 0, 30, 25}, format, how);
    REQUIRE(box);
    REQUIRE(quad);
    auto one = tensor_for(format), other = tensor_for(format);
    REQUIRE(box->run(picture.view(), one, scratch));
    REQUIRE(quad->run(picture.view(), other, scratch));
    double most = 0;
    // Away from the edge: there the box stops at its own pixels and the quadrilateral at the picture's. Nearest takes a
    // pixel's corner in the box, as OpenCV does, and its centre in the quadrilateral.
    for (int y = 1; y < 24 && how == Interpolation::bilinear; ++y)
      for (int x = 1; x < 29; ++x)
        for (int c = 0; c < 3; ++c)
          most = std::max(most, std::abs(element(format, one, x, y, c) - element(format, other, x, y, c)));
    CHECK(most < 1e-3);
  }
}

TEST_CASE("strong shrinking by perspective sees everything: a fine pattern becomes its mean") {
  Scratch scratch;
  Picture picture(400, 400, 3);
  for (int y = 0; y < 400; ++y)
    for (int x = 0; x < 400; ++x)
      for (int c = 0; c < 3; ++c) picture.at(x, y)[c] = (x / 3 + y / 3) % 2 == 0 ? 255 : 0;
  const Quad corners{{{{3, 8}, {390, 2}, {398, 395}, {10, 380}}}};
  const TensorFormat format{.size = {24, 24}};
  const auto plan = WarpPlan::make(picture.size(), corners, {0, 0, 24, 24}, format, Interpolation::bilinear);
  REQUIRE(plan);
  auto tensor = tensor_for(format);
  REQUIRE(plan->run(picture.view(), tensor, scratch));
  for (int y = 0; y < 24; ++y)
    for (int x = 0; x < 24; ++x) CHECK(std::abs(element(format, tensor, x, y, 0) - 127.5) < 45);
}

TEST_CASE("what cannot be planned is refused, saying why") {
  const Size source{100, 80};
  const Box whole{0, 0, 100, 80};
  const TensorFormat format{.size = {32, 32}};
  const PixelRect all{0, 0, 32, 32};
  const auto refuses = [&](Size from, const Box& crop, const PixelRect& content, const TensorFormat& to) {
    const auto plan = ResizePlan::make(from, crop, content, to, Interpolation::area);
    const auto warp = WarpPlan::make(from, Quad::from_box(crop), content, to, Interpolation::area);
    return !plan && !warp && plan.error().code == Errc::invalid && warp.error().code == Errc::invalid &&
           !plan.error().what.empty();
  };
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kHuge = std::numeric_limits<float>::max();
  CHECK(!refuses(source, whole, all, format));
  CHECK(refuses({0, 80}, whole, all, format));
  CHECK(refuses(source, {0, 0, 0, 10}, all, format));
  CHECK(refuses(source, {0, 0, kNan, 10}, all, format));
  CHECK(refuses(source, {kHuge, 0, kHuge, 10}, all, format));
  CHECK(refuses(source, {100, 0, 10, 10}, all, format));
  CHECK(refuses(source, {-20, 0, 20, 10}, all, format));
  CHECK(refuses(source, whole, {0, 0, 33, 32}, format));
  CHECK(refuses(source, whole, {-1, 0, 5, 5}, format));
  CHECK(refuses(source, whole, {0, 0, 0, 5}, format));
  CHECK(refuses(source, whole, {2'000'000'000, 0, 2'000'000'000, 5}, format));
  CHECK(refuses(source, whole, all, {.size = {0, 32}}));
  CHECK(refuses(source, whole, all, {.size = {32, 32}, .std = {1, 0, 1}}));
  CHECK(refuses(source, whole, all, {.size = {32, 32}, .mean = {kNan, 0, 1}}));
  CHECK(!WarpPlan::make(source, {{{{0, 0}, {20, 20}, {20, 0}, {0, 20}}}}, all, format, Interpolation::bilinear));
  CHECK(!WarpPlan::make(source, Quad::from_box({5, 5, 0.9F, 0.9F}), all, format, Interpolation::bilinear));
}

TEST_CASE("a crop far larger than the picture is planned at once and shows its edge around it") {
  Picture picture(2, 1, 1);
  *picture.at(0, 0) = 10, *picture.at(1, 0) = 200;
  const TensorFormat format{.size = {3, 1}, .order = ColourOrder::grey};
  Scratch scratch;
  for (const auto how : {Interpolation::nearest, Interpolation::bilinear, Interpolation::area}) {
    const auto plan = ResizePlan::make({2, 1}, {-1e9F, -1e9F, 2e9F, 2e9F}, {0, 0, 3, 1}, format, how);
    REQUIRE(plan);
    auto tensor = tensor_for(format);
    REQUIRE(plan->run(picture.view(), tensor, scratch));
    CHECK(element(format, tensor, 0, 0, 0) == doctest::Approx(10));
    CHECK(element(format, tensor, 2, 0, 0) == doctest::Approx(200));
  }
}

TEST_CASE("a picture or a tensor of another size than planned for is refused") {
  const TensorFormat format{.size = {8, 8}};
  const auto plan = ResizePlan::make({20, 10}, {0, 0, 20, 10}, {0, 0, 8, 8}, format, Interpolation::bilinear);
  REQUIRE(plan);
  Scratch scratch;
  auto tensor = tensor_for(format);
  CHECK(plan->run(Picture(20, 10).view(), tensor, scratch));
  CHECK(plan->run(Picture(20, 11).view(), tensor, scratch).error().code == Errc::mismatch);
  CHECK(plan->run(Picture(20, 10, 2).view(), tensor, scratch).error().code == Errc::mismatch);
  tensor.resize(tensor.size() - 1);
  CHECK(plan->run(Picture(20, 10).view(), tensor, scratch).error().code == Errc::mismatch);
  CHECK(ResizePlan().run(Picture(20, 10).view(), tensor, scratch).error().code == Errc::mismatch);
}

TEST_CASE("a field of temperatures is resized and warped as the pixels of a grey picture are") {
  constexpr std::array kAll{Interpolation::nearest, Interpolation::bilinear, Interpolation::area};
  const Quad askew{{{{3, 2}, {20, 4}, {18, 15}, {2, 13}}}};
  for (int round = 0; round < 60; ++round) {
    const Picture picture = make_picture(24, 18, 1);
    std::vector<float> celsius(picture.data(), picture.data() + 24 * 18);
    for (float& value : celsius) value -= 100;  // temperatures are no bytes
    const FieldView field{celsius.data(), 24, 18};
    TensorFormat grey = random_format();
    grey.order = ColourOrder::grey;
    grey.element = Element::f32;
    TensorFormat thermal = grey;
    thermal.order = ColourOrder::celsius;
    thermal.fill[0] -= 100;
    thermal.mean[0] -= 100 * thermal.scale;
    const PixelRect content = random_content(grey.size);
    const Interpolation how = kAll[static_cast<std::size_t>(round) % kAll.size()];
    Scratch scratch;
    auto want = tensor_for(grey), got = tensor_for(thermal);
    const auto check = [&](const auto& pictures, const auto& fields) {
      REQUIRE(pictures->run(picture.view(), want, scratch));
      REQUIRE(fields->run(field, got, scratch));
      double most = 0;
      for (int y = 0; y < grey.size.height; ++y)
        for (int x = 0; x < grey.size.width; ++x)
          most = std::max(most, std::abs(element(grey, want, x, y, 0) - element(thermal, got, x, y, 0)));
      CHECK(most < 2e-3);
    };
    const Box crop{between(-2.F, 8.F), between(-2.F, 6.F), between(3.F, 20.F), between(3.F, 14.F)};
    check(ResizePlan::make({24, 18}, crop, content, grey, how),
          ResizePlan::make({24, 18}, crop, content, thermal, how));
    check(WarpPlan::make({24, 18}, askew, content, grey, how), WarpPlan::make({24, 18}, askew, content, thermal, how));
  }
}

TEST_CASE("temperatures keep their value to the last bit where nothing is resized") {
  const std::vector<float> celsius{-39.93F, 21.47F, 64.26F, 299.9F};
  const TensorFormat format{.size = {2, 2}, .order = ColourOrder::celsius};
  const auto plan = ResizePlan::make({2, 2}, {0, 0, 2, 2}, {0, 0, 2, 2}, format, Interpolation::bilinear);
  Scratch scratch;
  auto tensor = tensor_for(format);
  REQUIRE(plan->run(FieldView{celsius.data(), 2, 2}, tensor, scratch));
  CHECK(std::memcmp(tensor.data(), celsius.data(), tensor.size()) == 0);
}

TEST_CASE("a picture where temperatures are wanted, and the other way round, is refused") {
  const std::vector<float> celsius(4, 20.0F);
  Scratch scratch;
  for (const ColourOrder order : {ColourOrder::grey, ColourOrder::celsius}) {
    const TensorFormat format{.size = {2, 2}, .order = order};
    const auto plan = ResizePlan::make({2, 2}, {0, 0, 2, 2}, {0, 0, 2, 2}, format, Interpolation::bilinear);
    auto tensor = tensor_for(format);
    const bool thermal = order == ColourOrder::celsius;
    CHECK(plan->run(FieldView{celsius.data(), 2, 2}, tensor, scratch).has_value() == thermal);
    CHECK(plan->run(Picture(2, 2).view(), tensor, scratch).has_value() != thermal);
  }
}

}  // namespace perch::image
