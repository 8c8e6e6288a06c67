#include <cstdlib>

#include "base/bytes.hpp"
#include "net/host_rules.hpp"
#include "net/query.hpp"

/// A request target, a host and an origin from anyone: no crash, and what is decoded and encoded again is the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace perch;
  using namespace perch::net;
  const std::string_view text = as_text(ByteView(data, size));
  static const PathPattern kPatterns[] = {PathPattern("/api/cameras/{name}/latest.jpg"), PathPattern("/{path...}"),
                                          PathPattern("/")};
  if (const auto target = parse_target(text)) {
    for (const PathPattern& pattern : kPatterns)
      if (const auto params = pattern.match(target->segments); params && params->size() > 1) std::abort();
    for (const auto& [name, value] : target->query.entries()) {
      if (percent_decode(percent_encode(value)).value() != value) std::abort();
      if (!target->query.get(name)) std::abort();
      if (const auto number = target->query.integer(name, -5, 5); number && (**number < -5 || **number > 5))
        std::abort();
    }
    if (target->query.entries().size() > Query::kMostEntries) std::abort();
  }
  if (const auto authority = parse_authority(text); authority && authority->host.empty()) std::abort();
  const HostRules rules("127.0.0.1", {"garage.lan"}, {});
  const std::size_t half = size / 2;
  if (rules.check_origin(text.substr(0, half), text.substr(half)) && half > 0 &&
      !text.substr(0, half).starts_with('h') && !text.substr(0, half).starts_with('H'))
    std::abort();
  (void)rules.check_host(text, "127.0.0.1");
  return 0;
}
