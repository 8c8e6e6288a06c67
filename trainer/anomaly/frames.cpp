#include "anomaly/frames.hpp"

#include <algorithm>

#include "core/model_input.hpp"

namespace perch::trainer {

bool is_unusual(const learn::Sample& sample) {
  const auto says_so = [](const learn::Attribute& attribute) {
    const bool* value = std::get_if<bool>(&attribute.value);
    return attribute.name == "anomaly" && value && *value;
  };
  return std::ranges::any_of(sample.attributes, says_so) ||
         std::ranges::any_of(sample.labels, [](const learn::Label& label) { return label.category == "anomaly"; });
}

Result<SplitFrames> read_frames(const learn::Dataset& data, learn::Split split, const model::Card& card,
                                const Say& say) {
  PERCH_TRY(ModelInput input, ModelInput::create(card.input));
  std::vector<float> values(input.values());
  SplitFrames frames;
  for (const std::size_t i : data.of_split(split)) {
    const learn::Sample& sample = data.samples()[i];
    const auto raw = read_sample(sample, card.input.thermal());
    const Result<void> filled = raw ? input.fill(*raw, values) : fail(raw.error());
    if (!filled) {
      say(learn::TrainNote{filled.error().at(sample.name).message(), true});
      continue;
    }
    const bool unusual = is_unusual(sample);
    AnomalyFrames& into = unusual ? frames.unusual : frames.normal;
    into.values.insert(into.values.end(), values.begin(), values.end());
    ++into.count;
    (unusual ? frames.unusual_names : frames.normal_names).push_back(sample.name);
  }
  return frames;
}

}  // namespace perch::trainer
