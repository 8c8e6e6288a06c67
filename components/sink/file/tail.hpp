#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"

/// What a file of readings says about itself.
namespace perch::sink::file {

/// The newest reading of each journal. Readings come in the order of their seqs, so all before it are there too.
using Newest = std::map<std::string, Seq, std::less<>>;

/// Whether it, or a later one, is there.
bool has(const Newest& newest, std::string_view journal, Seq seq);
void note(Newest& newest, std::string_view journal, Seq seq);

/// The end of a file of readings, as a crash may have left it.
struct Tail {
  Newest newest;                  ///< of the last `kTailBytes`
  std::uint64_t whole_bytes = 0;  ///< up to here its lines are whole; what follows was torn
  std::uint64_t bytes = 0;        ///< of the file
};

/// How much of a file is looked through: twice what is ever delivered at once.
inline constexpr std::uint64_t kTailBytes = 8'000'000;

/// Reads the end of an open file. A line is torn when its end is missing, or when it holds bytes that were never
/// written (zeros, after a power cut), and so is all that follows it. Lines that others have put there are passed over.
/// Errors: mismatch (it holds something, and no reading), io. @thread any, blocks
Result<Tail> read_tail(const Descriptor& file, const std::filesystem::path& path);

/// The time of a file's first reading; nothing when its first line is none. @thread any, blocks
std::optional<UtcTime> time_of_first(const Descriptor& file);

}  // namespace perch::sink::file
