#include "digits/pictures.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "core/publish.hpp"
#include "image/codec.hpp"
#include "seam/registry.hpp"

namespace perch::trainer {

namespace {

constexpr float kSpread_tenths = 0.7F;
constexpr int kHeldOutDesigns = 60, kHeldOutEach = 6;  ///< rendered wheels to measure with
constexpr float kKeepAround = 0.35F;            ///< of a labelled window's size, to draw windows from that miss it
constexpr std::size_t kLeastTestWindows = 100;  ///< labelled windows; with fewer the held-out ones say more
constexpr float kSlipped = 0.2F;                ///< of the windows that are learned from

Quad some_window(const Quad& window, scenes::Random& random) {
  return random.chance(kSlipped) ? slipped_window(window, random) : missed_window(window, random);
}

}  // namespace

std::vector<float> circular_target(float position) {
  constexpr auto kAround = static_cast<float>(learn::kWheelPlaces);
  std::vector<float> out(learn::kWheelPlaces);
  float sum = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    float apart = std::abs(position * 10 - static_cast<float>(i));
    apart = std::min(apart, kAround - apart);
    sum += out[i] = std::exp(-apart * apart / (2 * kSpread_tenths * kSpread_tenths));
  }
  for (float& value : out) value /= sum;
  return out;
}

DigitPictures::DigitPictures(const Job& job, const model::Card& card)
    : settings_(job.settings.digits),
      seed_(job.settings.seed),
      input_(card.input) {}

Result<std::unique_ptr<DigitPictures>> DigitPictures::create(const Job& job, const model::Card& card) {
  std::unique_ptr<DigitPictures> pictures(new DigitPictures(job, card));
  PERCH_TRY(pictures->format_, model::tensor_format(card.input, image::Element::f32));
  pictures->preprocessor_ = std::make_unique<model::Preprocessor>(card.input, pictures->format_);
  PERCH_CHECK(pictures->load(job));
  const learn::DigitsSettings& settings = job.settings.digits;
  pictures->hold_out_rendered();
  pictures->rendered_ = render_wheels(scenes::Random(static_cast<std::uint64_t>(job.settings.seed)),
                                      std::max(1, settings.rendered / settings.each), settings.each);
  return pictures;
}

Result<void> DigitPictures::load(const Job& job) {
  image::PictureDecoder decoder;
  image::Picture picture;
  for (const learn::Sample& sample : job.data.samples()) {
    if (sample.split == learn::Split::test) continue;
    if (job.stop) return fail(Errc::canceled, "stopped before there was a model");
    PERCH_TRY(const Bytes bytes, read_file(sample.path));
    if (const auto size = decoder.decode(bytes, picture); !size) {
      job.say(learn::TrainNote{"left out: " + size.error().at(sample.path.string()).message(), true});
      continue;
    }
    add(sample, picture);
  }
  return {};
}

void DigitPictures::add(const learn::Sample& sample, const image::Picture& picture) {
  for (const learn::Label& label : sample.labels) {
    const double* position = learn::find_attribute<double>(label.attributes, "position");
    if (position == nullptr) continue;
    const Quad window = label.corners_px.value_or(Quad::from_box(label.box_px));
    const Box box = window.bounds();
    const int left = std::max(0, static_cast<int>(box.x - kKeepAround * box.width));
    const int top = std::max(0, static_cast<int>(box.y - kKeepAround * box.height));
    const int right = std::min(picture.width(), static_cast<int>(box.right() + kKeepAround * box.width) + 1);
    const int bottom = std::min(picture.height(), static_cast<int>(box.bottom() + kKeepAround * box.height) + 1);
    if (right - left < 4 || bottom - top < 4) continue;
    WheelCrop crop{image::Picture(right - left, bottom - top, 1), window, static_cast<float>(*position)};
    for (Point& p : crop.window_px.corners) p = {p.x - static_cast<float>(left), p.y - static_cast<float>(top)};
    for (int y = top; y < bottom; ++y)
      for (int x = left; x < right; ++x) {
        const std::uint8_t* c = picture.row(y) + static_cast<std::ptrdiff_t>(x) * picture.channels();
        const float luma = picture.channels() == 1 ? c[0] : 0.299F * c[0] + 0.587F * c[1] + 0.114F * c[2];
        *crop.picture.at(x - left, y - top) = static_cast<std::uint8_t>(std::lround(luma));
      }
    if (sample.split == learn::Split::train) {
      labelled_.push_back(std::move(crop));
      continue;
    }
    hold_out(crop, crop.window_px, sample.name, sample.group);
  }
}

void DigitPictures::hold_out(const WheelCrop& crop, const Quad& window, const std::string& name,
                             const std::string& meter) {
  fill(crop, window, inputs_.emplace_back(format_.bytes() / sizeof(float)));
  held_out_.push_back({name, meter, crop.position});
  classes_.push_back(static_cast<std::size_t>(learn::wheel_place(static_cast<double>(crop.position))));
}

void DigitPictures::hold_out_rendered() {
  scenes::Random random = scenes::Random(static_cast<std::uint64_t>(seed_)).of(kHeldOutDesigns);
  for (WheelCrop& crop : render_wheels(random.of(1), kHeldOutDesigns, kHeldOutEach)) {
    weather_wheel(crop, random);
    hold_out(crop, some_window(crop.window_px, random), "rendered", "rendered");
  }
}

void DigitPictures::fill(const WheelCrop& crop, const Quad& window, std::span<float> out) {
  const auto placed =
      preprocessor_->fill(crop.picture.view(), crop.picture.size(), Region{0, window, {}}, std::as_writable_bytes(out));
  if (!placed) throw std::runtime_error(placed.error().message());
}

int DigitPictures::batches() const {
  return std::max(1, static_cast<int>(train_count()) / settings_.batch);
}

std::int64_t DigitPictures::train_count() const {
  return static_cast<std::int64_t>(rendered_.size() + labelled_.size() * static_cast<std::size_t>(settings_.repeat));
}

ClassifyBatch DigitPictures::batch(int epoch, int index) {
  ClassifyBatch batch{settings_.batch, {}, {}, {}};
  const std::size_t each = format_.bytes() / sizeof(float);
  batch.pictures.resize(each * static_cast<std::size_t>(batch.size));
  const double labelled = static_cast<double>(labelled_.size()) * settings_.repeat;
  const auto share = static_cast<float>(labelled / static_cast<double>(train_count()));
  for (std::size_t i = 0; i < static_cast<std::size_t>(batch.size); ++i) {
    scenes::Random random = scenes::Random(static_cast<std::uint64_t>(seed_)).of(epoch, index, i);
    const std::vector<WheelCrop>& from = random.chance(share) ? labelled_ : rendered_;
    WheelCrop crop = from[static_cast<std::size_t>(random.integer(0, static_cast<int>(from.size()) - 1))];
    weather_wheel(crop, random);
    fill(crop, some_window(crop.window_px, random), std::span(batch.pictures).subspan(i * each, each));
    const std::vector<float> target = circular_target(crop.position);
    batch.targets.insert(batch.targets.end(), target.begin(), target.end());
  }
  return batch;
}

learn::WheelMeter DigitPictures::meter() const {
  learn::WheelMeter meter;
  for (std::size_t i = 0; i < answers().size(); ++i)
    meter.add(held_out_[i].picture, held_out_[i].meter, static_cast<double>(held_out_[i].position), answers()[i]);
  return meter;
}

void DigitPictures::write(learn::TrainReport& report) const {
  meter().write(report);
}

Result<bool> DigitPictures::write_test(const Job& job, learn::TrainReport& report) {
  constexpr std::array kTest{learn::Split::test};
  Registry registry;
  describe_all(registry);
  PERCH_TRY(const auto model, model::Model::load(model_path(job.settings), registry));
  PERCH_TRY(const learn::WheelMeter meter, learn::measure_wheels(model, job.data, kTest));
  if (meter.count() < kLeastTestWindows) return false;
  report.measured_on = "test, by the published model";
  meter.write(report);
  return true;
}

}  // namespace perch::trainer
