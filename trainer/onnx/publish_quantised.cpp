#include "onnx/publish_quantised.hpp"

#include <cerrno>

#include <fmt/format.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/text.hpp"
#include "onnx/temporary_folder.hpp"
#include "onnx/write_model.hpp"

namespace perch::trainer {

namespace {

std::string note(const learn::Comparison& result) {
  std::string text = fmt::format("agreement {:.3f}", result.agreement);
  if (!result.a.measures.empty())
    text = fmt::format("{} {:.3f} instead of {:.3f}", result.b.measures.front().name, result.b.measures.front().value,
                       result.a.measures.front().value);
  return fmt::format("{} on {} pictures", text, result.pictures);
}

}  // namespace

Result<void> check_target(const std::filesystem::path& in_float, const std::filesystem::path& out) {
  std::error_code error;
  if (out.extension() != ".onnx")
    return fail(Errc::invalid, "is not the name of an ONNX file", out.string(), "end it with .onnx");
  if (std::filesystem::equivalent(out, in_float, error))
    return fail(Errc::invalid, "is the float model itself", out.string(), "give another name");
  const std::filesystem::path folder = std::filesystem::absolute(out).parent_path();
  if (!std::filesystem::is_directory(folder, error))
    return fail(Errc::not_found, "there is no such folder", folder.string(), "make it, or name another with --out");
  if (::access(folder.c_str(), W_OK) != 0) return fail(file_error("write into", folder, errno));
  return {};
}

Result<Judgement> publish_if_good(const model::Model& in_float, const Quantised& quantised, const learn::Exam& judging,
                                  double max_loss, const std::filesystem::path& out, const Registry& registry) {
  PERCH_CHECK(check_target(in_float.path(), out));
  const TemporaryFolder folder;
  if (folder.path().empty())
    return fail(Errc::io, "a temporary folder cannot be made", {}, "set TMPDIR to a folder that can be written to");
  model::Card card = in_float.card();
  card.name = out.stem().string();
  card.sha256 = sha256_hex(quantised.onnx);
  const std::filesystem::path trial = folder.path() / out.filename();
  PERCH_CHECK(write_model(trial, quantised.onnx, card));
  Judgement judgement;
  PERCH_TRY(judgement.comparison, learn::compare(in_float.path().string(), trial.string(), judging, registry));
  if (judgement.comparison.nothing_found)
    return fail(
        Errc::invalid,
        fmt::format("nothing is found in any of the {} pictures that judge, by either model, so nothing tells how "
                    "good the 8-bit one is",
                    judgement.comparison.pictures),
        {}, "take pictures that show what the model is for");
  judgement.good = judgement.comparison.loss() <= max_loss;
  if (!judgement.good) return judgement;
  if (!card.origin.empty()) card.origin += "; ";
  card.origin += fmt::format("{} of {}: {}", quantised.how(), in_float.id(), note(judgement.comparison));
  PERCH_CHECK(write_model(out, quantised.onnx, card));
  return judgement;
}

}  // namespace perch::trainer
