#include "bench/views.hpp"

#include <algorithm>
#include <random>

#include <fmt/format.h>

#include "image/codec.hpp"
#include "image/sampling.hpp"
#include "run/inputs.hpp"

namespace perch::bench {

namespace {

/// The least part of a picture's width or height that a view shows.
constexpr double kLeastPart = 0.7;
/// Noise is made once and laid over pictures from another place each time.
constexpr std::size_t kNoiseSamples = std::size_t{1} << 20;

/// Makes views of a folder's pictures, one after the other.
class Views {
 public:
  static Result<Views> of(const std::string& folder, image::Size size) {
    Views views(size);
    for (const cli::Input& input : cli::resolve_inputs({folder})) {
      if (input.kind == cli::Input::Kind::broken) return fail(input.error.at(input.file));
      if (input.kind == cli::Input::Kind::picture) views.files_.push_back(input.file);
    }
    if (views.files_.empty()) return fail(Errc::not_found, "there is no JPEG or PNG here", folder);
    return views;
  }

  /// The next view, of the next file. Valid until the one after.
  Result<const image::Picture*> next() {
    const std::string& file = files_[made_++ % files_.size()];
    PERCH_TRY(const Bytes bytes, read_file(file));
    if (auto decoded = decoder_.decode(bytes, picture_); !decoded) return fail(decoded.error().at(file));
    PERCH_TRY(const image::ResizePlan plan, plan_for(picture_.size()));
    view_.reset(size_.width, size_.height);
    const std::span<std::uint8_t> pixels(view_.data(), plan.format().bytes());
    PERCH_CHECK(plan.run(picture_.view(), std::as_writable_bytes(pixels), scratch_));
    if (random_() % 2 == 1) mirror();
    return &view_;
  }

 private:
  explicit Views(image::Size size) : size_(size) {}

  /// A part of a picture in the shape of the views, at a place and of a size that the dice choose.
  Result<image::ResizePlan> plan_for(image::Size picture) {
    const double shape = static_cast<double>(size_.width) / size_.height;
    const double widest = std::min<double>(picture.width, picture.height * shape);
    std::uniform_real_distribution<double> part(kLeastPart, 1), place(0, 1);
    const double width = widest * part(random_), height = width / shape;
    const Box crop{static_cast<float>((picture.width - width) * place(random_)),
                   static_cast<float>((picture.height - height) * place(random_)), static_cast<float>(width),
                   static_cast<float>(height)};
    image::TensorFormat format;
    format.size = size_;
    format.layout = image::Layout::nhwc;
    format.element = image::Element::u8;
    return image::ResizePlan::make(picture, crop, {0, 0, size_.width, size_.height}, format,
                                   image::Interpolation::bilinear);
  }

  void mirror() {
    const int channels = view_.channels();
    for (int y = 0; y < view_.height(); ++y)
      for (int left = 0, right = view_.width() - 1; left < right; ++left, --right)
        std::swap_ranges(view_.at(left, y), view_.at(left, y) + channels, view_.at(right, y));
  }

  image::Size size_;
  std::vector<std::string> files_;
  std::size_t made_ = 0;
  std::mt19937 random_;
  image::PictureDecoder decoder_;
  image::Picture picture_, view_;
  image::Scratch scratch_;
};

std::vector<std::int8_t> make_noise(double sigma, std::mt19937& random) {
  std::normal_distribution<double> level(0, sigma);
  std::vector<std::int8_t> noise(kNoiseSamples);
  for (std::int8_t& sample : noise)
    sample = static_cast<std::int8_t>(std::lround(std::clamp(level(random), -127., 127.)));
  return noise;
}

/// Adds the same to all channels of a pixel: a sensor's noise is mostly one of brightness once a camera has smoothed
/// its colours. Each row begins at another place of the noise.
void add_noise(const image::Picture& view, const std::vector<std::int8_t>& noise, std::mt19937& random,
               image::Picture& out) {
  out.reset(view.width(), view.height(), view.channels());
  for (int y = 0; y < view.height(); ++y) {
    const std::int8_t* sample = noise.data() + random() % (noise.size() - static_cast<std::size_t>(view.width()));
    for (int x = 0; x < view.width(); ++x, ++sample)
      for (int c = 0; c < view.channels(); ++c)
        out.at(x, y)[c] = static_cast<std::uint8_t>(std::clamp(view.at(x, y)[c] + *sample, 0, 255));
  }
}

}  // namespace

Result<std::vector<Bytes>> make_views(const std::string& folder, int count, image::Size size) {
  PERCH_TRY(Views views, Views::of(folder, size));
  std::vector<Bytes> made;
  for (int i = 0; i < count; ++i) {
    PERCH_TRY(const image::Picture* view, views.next());
    PERCH_TRY(Bytes jpeg, image::encode_jpeg(view->view(), kCameraQuality));
    made.push_back(std::move(jpeg));
  }
  return made;
}

Result<std::vector<Bytes>> make_still_views(const std::string& folder, int scenes, int variants, double sigma,
                                            image::Size size) {
  PERCH_TRY(Views views, Views::of(folder, size));
  std::mt19937 random;
  const std::vector<std::int8_t> noise = make_noise(sigma, random);
  image::Picture noisy;
  std::vector<Bytes> made;
  for (int scene = 0; scene < scenes; ++scene) {
    PERCH_TRY(const image::Picture* view, views.next());
    for (int i = 0; i < variants; ++i) {
      add_noise(*view, noise, random, noisy);
      PERCH_TRY(Bytes jpeg, image::encode_jpeg(noisy.view(), kCameraQuality));
      made.push_back(std::move(jpeg));
    }
  }
  return made;
}

Result<void> write_views(const std::filesystem::path& folder, const std::vector<Bytes>& views) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return fail(Errc::io, "cannot make the folder: " + failed.message(), folder.string());
  for (std::size_t i = 0; i < views.size(); ++i)
    PERCH_CHECK(write_file(folder / fmt::format("{:05}.jpg", i), views[i]));
  return {};
}

Result<std::vector<Bytes>> read_views(const std::filesystem::path& folder) {
  std::vector<Bytes> views;
  for (const cli::Input& input : cli::resolve_inputs({folder.string()})) {
    if (input.kind == cli::Input::Kind::broken) return fail(input.error.at(input.file));
    PERCH_TRY(Bytes bytes, read_file(input.file));
    views.push_back(std::move(bytes));
  }
  return views;
}

}  // namespace perch::bench
