#include "model/model.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "model/inspect.hpp"
#include "model/preprocess.hpp"
#include "model/search.hpp"

namespace perch::model {

namespace {

/// A card, where it came from, and the name that messages call it by.
struct FoundCard {
  Card card;
  CardSource source = CardSource::file;
  std::vector<std::string> notes;
  std::string where;
};

/// What helps where a proposed card is not enough.
std::string write_a_card(const std::filesystem::path& model) {
  return fmt::format("write {}; `perch model inspect` prints where to start",
                     std::filesystem::path(model).replace_extension(".toml").filename().string());
}

Result<FoundCard> find_card(const std::filesystem::path& path, const std::string& sha256, const Session& session) {
  if (const std::optional<std::filesystem::path> beside = card_beside(path)) {
    PERCH_TRY(Card card, load_card(*beside));
    if (!card.sha256.empty() && card.sha256 != sha256)
      return fail(Errc::mismatch,
                  fmt::format("the card is for another file: it states the sha256 {}…, {} has {}…",
                              card.sha256.substr(0, 8), path.filename().string(), sha256.substr(0, 8)),
                  beside->string(), "get the file that the card describes, or correct the card's sha256");
    return FoundCard{std::move(card), CardSource::file, {}, beside->string()};
  }
  if (const Card* known = known_card(sha256))
    return FoundCard{*known, CardSource::known, {}, fmt::format("{} (known card {})", path.string(), known->name)};
  Proposal proposal = propose_card(path.stem().string(), session.inputs(), session.outputs());
  if (!proposal.complete)
    return fail(Errc::unsupported,
                fmt::format("the model has no card, and none can be proposed: {}", join(proposal.notes, " ")),
                path.string(), write_a_card(path));
  proposal.card.sha256 = sha256;
  return FoundCard{std::move(proposal.card), CardSource::proposal, std::move(proposal.notes),
                   fmt::format("{} (proposed card)", path.string())};
}

/// Sets a threshold that was given instead of the card's, if the decoder has such a field.
Result<void> override_field(Card& card, std::string_view key, std::optional<float> value, const Registry& registry) {
  if (!value) return {};
  const std::string kind = card.decoder.kind();
  const std::vector<ComponentSpec> specs = registry.list("decoder");
  const auto spec = std::ranges::find(specs, kind, &ComponentSpec::kind);
  if (spec == specs.end()) return {};  // making the decoder will say that there is none
  if (std::ranges::find(spec->fields, key, &config::FieldSpec::name) == spec->fields.end())
    return fail(Errc::invalid, fmt::format("{} was given, but the decoder '{}' has no such field", key, kind), {},
                "leave it out for this model");
  card.decoder.table.set(key, config::Node(std::stod(fmt::format("{}", *value))));
  return {};
}

}  // namespace

Result<std::shared_ptr<const Model>> Model::load(const std::string& name_or_path, const Registry& registry,
                                                 const LoadOptions& options) {
  PERCH_TRY(const std::filesystem::path path, find_model(name_or_path, model_folders(options.folders)));
  PERCH_TRY(const Bytes bytes, read_file(path, kMaxModelBytes));
  std::shared_ptr<Model> model(new Model());
  model->path_ = path;
  model->file_bytes_ = bytes.size();
  model->sha256_ = sha256_hex(bytes);
  PERCH_TRY(model->session_, Session::load(bytes, path.string(), options.intra_op_threads));
  const Session& session = *model->session_;
  PERCH_TRY(FoundCard found, find_card(path, model->sha256_, session));
  Card& card = found.card;
  if (Result<void> fits = fit_card(card, session.inputs(), found.where); !fits) {
    Error error = std::move(fits).error();
    if (found.source == CardSource::proposal && error.code == Errc::mismatch)
      error.remedy += (error.remedy.empty() ? "" : "; ") + write_a_card(path);
    return fail(std::move(error));
  }
  PERCH_CHECK(override_field(card, "min_score", options.min_score, registry));
  PERCH_CHECK(override_field(card, "nms_iou", options.nms_iou, registry));

  const auto format = tensor_format(card.input, *picture_element(session.inputs().front().type));
  if (!format) return fail(format.error().at(found.where));
  model->format_ = *format;
  model->shape_ = {{card.input.width, card.input.height}, session.outputs(), card.labels};
  Result<std::unique_ptr<Decoder>> decoder = registry.make_decoder(card.decoder, model->shape_);
  if (!decoder) return fail(decoder.error().at(found.where));
  model->decoder_ = std::move(*decoder);
  model->card_ = std::move(card);
  model->card_source_ = found.source;
  model->notes_ = std::move(found.notes);
  return model;
}

}  // namespace perch::model
