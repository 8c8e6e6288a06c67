#include <cstdlib>
#include <string_view>

#include "model/card.hpp"
#include "model/preprocess.hpp"

/// TOML bytes → card. A card that is accepted is written so that it reads back to the same, and its input is checked
/// without harm.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto card = perch::model::parse_card(text, "fuzz.toml");
  if (!card) {
    if (card.error().message().empty()) std::abort();
    return 0;
  }
  const std::string written = perch::model::to_toml(*card);
  const auto again = perch::model::parse_card(written, "written.toml");
  if (!again || perch::model::to_toml(*again) != written) std::abort();
  static_cast<void>(perch::model::tensor_format(card->input, perch::image::Element::f32));
  return 0;
}
