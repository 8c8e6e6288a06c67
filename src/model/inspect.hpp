#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/card.hpp"
#include "seam/tensor.hpp"

namespace perch::model {

/// A card guessed from a model's inputs and outputs.
struct Proposal {
  Card card;
  std::vector<std::string> notes;  ///< what was guessed and must be checked, a sentence each
  bool complete = false;           ///< false: the decoder could not be told, and stands empty
};

/// Proposes a card for a model that has none: recognises the outputs of the decoders yolox, nanodet, fastestdet,
/// classify, pose and digits at any input size and number of classes. What shapes do not tell (colour order,
/// normalisation) is taken from the published models of that form and noted. @thread any
Proposal propose_card(std::string_view name, std::span<const TensorInfo> inputs, std::span<const TensorInfo> outputs);

/// Checks a card's input against the model's and fills in what it left to the model: name and size. Whether outputs and
/// labels fit is the decoder's to check.
/// @param where  the card, in messages
/// Errors: mismatch, naming what the card says and what the model has (input name, size, channels, layout); unsupported
/// (several inputs, an input of a type that pictures cannot fill); invalid (the card itself)
/// @thread any
Result<void> fit_card(Card& card, std::span<const TensorInfo> inputs, const std::string& where);

}  // namespace perch::model
