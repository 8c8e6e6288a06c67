#include "model/optimise.hpp"

#include <cstdlib>

#define ORT_API_MANUAL_INIT
#include <onnxruntime_cxx_api.h>

#include "base/file.hpp"
#include "base/text.hpp"
#include "model/onnx_bytes.hpp"
#include "model/runtime.hpp"
#include "model/session.hpp"

namespace perch::model {

namespace {

/// A new file of ours that goes when this does.
class TemporaryFile {
 public:
  TemporaryFile() {
    std::error_code error;
    std::filesystem::path folder = std::filesystem::temp_directory_path(error);
    if (error) folder = "/tmp";
    std::string name = (folder / "perch-model-XXXXXX").string();
    file_ = Descriptor(::mkstemp(name.data()));
    if (file_.is_open()) path_ = name;
  }

  ~TemporaryFile() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove(path_, ignored);
  }

  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  /// Empty when none could be made.
  const std::filesystem::path& path() const { return path_; }

 private:
  Descriptor file_;
  std::filesystem::path path_;
};

}  // namespace

Result<Bytes> with_basic_optimisations(ByteView onnx, const std::string& where) {
  // What is no model, or not one for this runtime, is said there.
  PERCH_TRY(const std::shared_ptr<const Session> checked, Session::load(onnx, where));
  PERCH_TRY(const Runtime* const opened, runtime());
  const TemporaryFile file;
  if (file.path().empty())
    return fail(Errc::io, "a temporary file cannot be made", where, "set TMPDIR to a folder that can be written to");
  try {
    Ort::SessionOptions options;
    options.SetIntraOpNumThreads(1);
    options.SetGraphOptimizationLevel(ORT_ENABLE_BASIC);
    options.SetOptimizedModelFilePath(file.path().c_str());
    const std::optional<Bytes> constant = with_constant_weights(onnx);
    const ByteView bytes = constant ? ByteView(*constant) : onnx;
    OrtSession* session = nullptr;
    Ort::ThrowOnError(
        Ort::GetApi().CreateSessionFromArray(opened->environment, bytes.data(), bytes.size(), options, &session));
    Ort::GetApi().ReleaseSession(session);
  } catch (const Ort::Exception& error) {
    return fail(Errc::internal, "ONNX Runtime cannot write the model: " + printable(error.what(), 300), where);
  }
  return read_file(file.path(), kMaxModelBytes);
}

}  // namespace perch::model
