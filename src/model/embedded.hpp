#pragma once
#include <string_view>
#include <vector>

namespace perch::model {

/// A file of `models/` that is built into the program.
struct EmbeddedText {
  std::string_view name;  ///< of the file, without its extension
  std::string_view text;
};

/// models/cards/*.toml and models/labels/*.txt, by name. Generated.
const std::vector<EmbeddedText>& embedded_cards();
const std::vector<EmbeddedText>& embedded_labels();

}  // namespace perch::model
