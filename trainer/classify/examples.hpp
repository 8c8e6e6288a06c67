#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/model_input.hpp"
#include "core/trainer.hpp"
#include "scenes/core/random.hpp"

namespace perch::trainer {

/// A picture, or a grid of temperatures, of one class.
struct Example {
  RawSample shown;
  std::size_t label = 0;                  ///< place in the card's labels
  const learn::Sample* sample = nullptr;  ///< of the data set, which must outlive this
};

struct Examples {
  std::vector<Example> train, validation, test;
};

/// The label that says what all of a picture shows: the first that lies over at least nine tenths of it; nullptr: none.
const learn::Label* class_label(const learn::Sample& sample);

/// The data set's labels that a picture has as its class, in the data set's order. A thermal scene's `spot` is none.
/// Errors: invalid (fewer than two, saying so). @thread any
Result<std::vector<std::string>> classes_of(const learn::Dataset& data);

/// Reads every labelled picture of a data set once through the model's input. What cannot be read is said and left out;
/// pictures without a class are left out.
/// Errors: invalid (a class with fewer than two pictures to learn from, naming it), canceled, those of `ModelInput`.
/// @thread any, blocks
Result<Examples> read_examples(const Job& job, const std::vector<std::string>& labels, const model::InputCard& input,
                               std::span<const learn::Split> learned_from);

/// A random part of a frame that shows most of it, in shares of its sides.
Box random_view(scenes::Random& random);

/// Changes the light and adds noise, in the units of the model's input; of temperatures a sensor's drift and noise.
void disturb(std::span<float> values, const model::InputCard& input, scenes::Random& random);

}  // namespace perch::trainer
