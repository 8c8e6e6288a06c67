#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "learn/catalogue.hpp"

namespace perch::learn {

struct PullSettings {
  std::string proxy;  ///< URL; empty: none
  Milliseconds connect_timeout{15'000};
  Milliseconds stall_timeout{30'000};  ///< longest wait for the next bytes
};

/// Told as bytes come in: so many of so many (0: not known), the first of them from an earlier try.
using PullProgress = std::function<void(std::uint64_t done, std::uint64_t all)>;

struct Pulled {
  std::filesystem::path model, card;
  std::uint64_t bytes = 0;    ///< of the file
  std::uint64_t resumed = 0;  ///< that an earlier try had brought
  bool was_here = false;      ///< nothing was fetched: the file was there, with the right sha256
};

/// Fetches a model from `entry.url` and puts NAME.onnx and NAME.toml into a folder, the model only when it is whole and
/// has the right sha256.
///
/// What has come of it is kept as `.NAME.onnx.part`, with the server's mark for that very file beside it, and the next
/// try goes on from there if the server still has the same and will; otherwise it begins anew. A file with a wrong
/// sha256 is removed. A file or card that is there already and is another one is left alone. Errors: exists (another
/// file or card of that name), not_found (no address, 404, unknown host), mismatch (a wrong sha256, naming both; more
/// or fewer bytes than stated), invalid (a web page instead of a model), full, io (cut off: try again), timeout,
/// denied. @thread any, blocks
Result<Pulled> pull(const CatalogueEntry& entry, const std::filesystem::path& folder, const PullSettings& settings,
                    const PullProgress& progress = {});

}  // namespace perch::learn
