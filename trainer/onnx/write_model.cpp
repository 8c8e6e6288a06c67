#include "onnx/write_model.hpp"

#include <fmt/format.h>

#include "base/file.hpp"

namespace perch::trainer {

Result<void> write_model(const std::filesystem::path& model, ByteView onnx, const model::Card& card) {
  std::filesystem::path card_path = model;
  card_path.replace_extension(".toml");
  const std::filesystem::path waiting = model.parent_path() / fmt::format(".{}.new", card_path.filename().string());
  std::error_code error;
  Result<void> written = write_file(waiting, as_bytes(to_toml(card)));
  if (written) written = write_file(model, onnx);
  if (written) {
    std::filesystem::rename(waiting, card_path, error);
    if (!error) return sync_folder_of(card_path);
    written = fail(file_error("put in place", card_path, error.value()));
  }
  std::filesystem::remove(waiting, error);
  return written;
}

}  // namespace perch::trainer
