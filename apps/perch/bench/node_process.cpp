#include "bench/node_process.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace perch::bench {

namespace {

constexpr Milliseconds kFirstAnswer{60'000};  // of the first camera: before it, all pictures are made

}  // namespace

Result<NodeProcess> NodeProcess::start(const std::vector<std::filesystem::path>& loops, Nanoseconds every) {
  std::vector<std::string> words{"bench", "nodes", "--every", duration_text(every)};
  for (const std::filesystem::path& loop : loops) words.insert(words.end(), {"--loop", loop.string()});
  PERCH_TRY(Child child, Child::start(words, {.talk = true}));
  return NodeProcess(std::move(child));
}

Result<std::uint16_t> NodeProcess::add(int number, const std::vector<std::string>& faults) {
  PERCH_CHECK(child_.say(faults.empty() ? fmt::format("{}", number) : fmt::format("{} {}", number, join(faults, " "))));
  return child_.hear_port(kFirstAnswer);
}

}  // namespace perch::bench
