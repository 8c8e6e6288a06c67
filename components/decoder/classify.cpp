#include "decoder/classify.hpp"

#include "seam/registry.hpp"
#include "vision/tensor_check.hpp"

namespace perch::decoder::classify {

namespace {

constexpr std::string_view kForm = "[batch, classes]";

constexpr auto kFields = config::fields<Config>(
    config::field("softmax", &Config::softmax)
        .help("whether the model's values have to be made probabilities; auto: unless they look like some"));

class Classify : public Decoder {
 public:
  Classify(const Config& config, std::size_t output, std::vector<std::int64_t> wanted)
      : config_(config),
        output_(output),
        wanted_(std::move(wanted)) {}

  Result<void> decode(const Tensors& tensors, std::span<const Placement> placements, Findings& out) const override {
    PERCH_TRY(const TensorView* output, vision::checked_output(tensors, output_, wanted_, placements.size()));
    PERCH_CHECK(vision::expect_numbers(*output));
    for (std::size_t i = 0; i < placements.size(); ++i) {
      PERCH_TRY(std::vector<float> p,
                vision::probabilities(output->of_batch(static_cast<std::int64_t>(i)), config_.softmax));
      if (!p.empty()) out.scores.push_back({placements[i].region, std::move(p)});
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
  PERCH_TRY(const std::size_t output, vision::output_of_rows(model, {}, kForm));
  std::vector<std::int64_t> wanted = model.outputs[output].shape;
  PERCH_CHECK(vision::expect_labels(wanted[1], model.labels, "classes"));
  if (wanted[1] == 1)
    return fail(Errc::mismatch, "the model gives one value, and one class alone would always be the answer", {},
                "a classifier has a value for each of two or more classes, such as 'open' and 'closed'");
  wanted[0] = vision::kAny;
  if (wanted[1] < 0 && !model.labels.empty()) wanted[1] = static_cast<std::int64_t>(model.labels.size());
  return std::make_unique<Classify>(config, output, std::move(wanted));
}

void describe(Registry& registry) {
  registry.decoder("classify", "one score a label, one output [batch, classes]", kFields, &create);
}

}  // namespace perch::decoder::classify
