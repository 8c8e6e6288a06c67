#include "decoder/digits.hpp"

#include <array>

#include "seam/registry.hpp"
#include "vision/tensor_check.hpp"

namespace perch::decoder::digits {

namespace {

constexpr std::int64_t kWholeDigits = 10;
constexpr std::int64_t kTenths = 100;
constexpr std::array kWidths{kWholeDigits, kTenths};
constexpr std::string_view kForm = "[batch, 10] or [batch, 100]";

constexpr auto kFields = config::fields<Config>(
    config::field("softmax", &Config::softmax)
        .help("whether the model's values have to be made probabilities; auto: unless they look like some"));

class Digits : public Decoder {
 public:
  Digits(const Config& config, std::size_t output, std::vector<std::int64_t> wanted)
      : config_(config),
        output_(output),
        wanted_(std::move(wanted)) {}

  Result<void> decode(const Tensors& tensors, std::span<const Placement> placements, Findings& out) const override {
    PERCH_TRY(const TensorView* output, vision::checked_output(tensors, output_, wanted_, placements.size()));
    if (output->dim(1) != kWholeDigits && output->dim(1) != kTenths)
      return vision::wrong_shape(output->name, output->shape, kForm);
    PERCH_CHECK(vision::expect_numbers(*output));
    for (std::size_t i = 0; i < placements.size(); ++i) {
      PERCH_TRY(std::vector<float> p,
                vision::probabilities(output->of_batch(static_cast<std::int64_t>(i)), config_.softmax));
      if (!p.empty()) out.digits.push_back({placements[i].region, std::move(p)});
    }
    return {};
  }

 private:
  Config config_;
  std::size_t output_;
  std::vector<std::int64_t> wanted_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> create(const Config& config, const ModelShape& model) {
  PERCH_TRY(const std::size_t output, vision::output_of_rows(model, kWidths, kForm));
  std::vector<std::int64_t> wanted = model.outputs[output].shape;
  PERCH_CHECK(vision::expect_labels(wanted[1], model.labels, "digit positions"));
  wanted[0] = vision::kAny;
  return std::make_unique<Digits>(config, output, std::move(wanted));
}

void describe(Registry& registry) {
  registry.decoder("digits", "one digit a region, whole or in tenths, one output [batch, 10] or [batch, 100]", kFields,
                   &create);
}

}  // namespace perch::decoder::digits
