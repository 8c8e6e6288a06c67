#include "model/runtime.hpp"

#include <cstdlib>

#include <dlfcn.h>
#include <fmt/format.h>

#define ORT_API_MANUAL_INIT
#include <onnxruntime_cxx_api.h>

#include "base/log.hpp"
#include "base/text.hpp"
#include "model/program_folder.hpp"

namespace perch::model {

namespace {

constexpr const char* kRemedy = "run scripts/setup, or set PERCH_ONNXRUNTIME to the file libonnxruntime.so.1";
constexpr std::array<const char*, 2> kFileNames{"libonnxruntime.so.1", "libonnxruntime.so"};

struct Opened {
  Runtime runtime;
  const OrtApi* api = nullptr;
  void* handle = nullptr;
};

/// The library is old when it does not offer the interface of the headers that we are built with.
Result<Opened> open(const std::filesystem::path& library) {
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) return fail(Errc::not_found, fmt::format("cannot be opened: {}", dlerror()), library, kRemedy);
  using GetApiBase = const OrtApiBase* (*)();
  const auto get_base = reinterpret_cast<GetApiBase>(dlsym(handle, "OrtGetApiBase"));
  if (!get_base) {
    dlclose(handle);
    return fail(Errc::invalid, "is no ONNX Runtime", library, kRemedy);
  }
  const OrtApiBase* base = get_base();
  Opened opened{{library.string(), base->GetVersionString()}, base->GetApi(ORT_API_VERSION), handle};
  if (opened.api) return opened;
  dlclose(handle);
  return fail(
      Errc::unsupported,
      fmt::format("ONNX Runtime {} is too old: 1.{} or newer is needed", opened.runtime.version, ORT_API_VERSION),
      library, kRemedy);
}

/// What fails is returned to us as well, and one ordinary model gives hundreds of warnings: both are for debugging.
void log_line(void*, OrtLoggingLevel severity, const char* category, const char*, const char*, const char* message) {
  const std::string line = fmt::format("ONNX Runtime ({}): {}", category, printable(message, 400));
  if (severity >= ORT_LOGGING_LEVEL_FATAL)
    log::error("{}", line);
  else
    log::debug("{}", line);
}

Result<Runtime> start(Opened opened) {
  setenv("ORT_DISABLE_TELEMETRY", "1", 1);  // before the environment: later versions read it only then
  Ort::InitApi(opened.api);
  try {
    Ort::Env environment(ORT_LOGGING_LEVEL_ERROR, "perch", log_line, nullptr);
    environment.DisableTelemetryEvents();
    opened.runtime.environment = environment.release();
    return opened.runtime;
  } catch (const std::exception& error) {
    return fail(Errc::internal, fmt::format("ONNX Runtime does not start: {}", printable(error.what(), 200)),
                opened.runtime.library);
  }
}

Result<Runtime> open_first() {
  std::optional<Error> unusable;
  std::vector<std::string> places;
  for (const std::filesystem::path& library : runtime_candidates()) {
    Result<Opened> opened = open(library);
    if (opened) return start(std::move(*opened));
    places.push_back(library.string());
    std::error_code error;
    if (!unusable && (opened.error().code != Errc::not_found || std::filesystem::exists(library, error)))
      unusable = opened.error();
  }
  if (unusable) return fail(std::move(*unusable));
  return fail(Errc::not_found, fmt::format("ONNX Runtime is missing; looked for {}", join(places, ", ")), {}, kRemedy);
}

}  // namespace

std::vector<std::filesystem::path> runtime_candidates() {
  std::vector<std::filesystem::path> candidates;
  const auto add_folder = [&](const std::filesystem::path& folder) {
    for (const char* file : kFileNames) candidates.push_back(folder / file);
  };
  if (const char* set = std::getenv("PERCH_ONNXRUNTIME"); set && *set) {
    std::error_code error;
    if (std::filesystem::is_directory(set, error))
      add_folder(set);
    else
      candidates.emplace_back(set);
    return candidates;
  }
  add_folder(program_folder().parent_path() / "lib");
  add_folder(PERCH_ONNXRUNTIME_FOLDER);
  for (const char* file : kFileNames) candidates.emplace_back(file);
  return candidates;
}

Result<Runtime> probe_runtime(const std::filesystem::path& library) {
  PERCH_TRY(Opened opened, open(library));
  dlclose(opened.handle);
  return opened.runtime;
}

Result<const Runtime*> runtime() {
  static const Result<Runtime> runtime = open_first();
  if (!runtime) return fail(runtime.error());
  return &*runtime;
}

}  // namespace perch::model
