#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "image/sampling.hpp"
#include "model/card.hpp"
#include "model/session.hpp"
#include "seam/decoder.hpp"
#include "seam/registry.hpp"

namespace perch::model {

struct LoadOptions {
  std::vector<std::filesystem::path> folders;  ///< looked at before the usual ones
  std::optional<float> min_score;              ///< instead of the card's
  std::optional<float> nms_iou;                ///< instead of the card's
  int intra_op_threads = 1;
};

/// Where a model's card came from.
enum class CardSource : std::uint8_t {
  file,     ///< NAME.toml beside NAME.onnx
  known,    ///< built into the program, found by sha256
  proposal  ///< guessed from inputs and outputs
};

/// An ONNX file with its card, its decoder and everything checked. Immutable; shared by all workers. @thread any
class Model {
 public:
  /// Finds, loads and checks a model. Its card is the one beside it, else the known one with its sha256, else guessed
  /// from its inputs and outputs (`notes` says what was).
  /// Errors: not_found (no such model: known names, places), invalid (not an ONNX model, a bad card), mismatch (card
  ///         and model do not fit; `min_score` given for a decoder without it is invalid), unsupported, and those of
  ///         `runtime`. @thread any, blocks
  static Result<std::shared_ptr<const Model>> load(const std::string& name_or_path, const Registry& registry,
                                                   const LoadOptions& options = {});

  /// The card as it is used: labels, input name and input size filled in, options applied.
  const Card& card() const { return card_; }

  CardSource card_source() const { return card_source_; }

  /// What was guessed, a sentence each; empty when a card said it all.
  const std::vector<std::string>& notes() const { return notes_; }

  const ModelShape& shape() const { return shape_; }

  /// How pictures stand in the input tensor.
  const image::TensorFormat& format() const { return format_; }

  /// `NAME@` and the first 8 digits of the sha256.
  std::string id() const { return card_.name + "@" + sha256_.substr(0, 8); }

  const std::string& sha256() const { return sha256_; }

  const std::filesystem::path& path() const { return path_; }

  std::size_t file_bytes() const { return file_bytes_; }

  const std::shared_ptr<const Session>& session() const { return session_; }

  const Decoder& decoder() const { return *decoder_; }

 private:
  Model() = default;

  Card card_;
  CardSource card_source_ = CardSource::file;
  std::vector<std::string> notes_;
  ModelShape shape_;
  image::TensorFormat format_;
  std::string sha256_;
  std::filesystem::path path_;
  std::size_t file_bytes_ = 0;
  std::shared_ptr<const Session> session_;
  std::unique_ptr<Decoder> decoder_;
};

}  // namespace perch::model
