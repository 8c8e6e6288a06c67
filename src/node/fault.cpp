#include "node/fault.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.hpp"

namespace perch::node {

namespace {

constexpr std::array<std::string_view, 11> kNames{"frozen", "dark",     "covered", "blurred", "moved", "hang",
                                                  "drip",   "truncate", "garbage", "slow",    "flap"};
constexpr std::string_view kForm = "write it as KIND, KIND@START, KIND@START+LENGTH or KIND@START+LENGTH/EVERY";

/// Takes off what follows the separator.
std::optional<std::string_view> take_after(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view after = text.substr(at + 1);
  text = text.substr(0, at);
  return after;
}

}  // namespace

std::string_view name(FaultKind kind) {
  return kNames[static_cast<std::size_t>(kind)];
}

std::span<const std::string_view> fault_names() {
  return kNames;
}

bool Fault::active(Nanoseconds since_start) const {
  if (since_start < start) return false;
  const Nanoseconds into = every ? (since_start - start) % *every : since_start - start;
  return !lasts || into < *lasts;
}

Result<Fault> parse_fault(std::string_view text) {
  const std::string whole(text);
  const auto every = take_after(text, '/');
  const auto lasts = take_after(text, '+');
  const auto start = take_after(text, '@');
  Fault fault;
  const auto kind = std::ranges::find(kNames, text);
  if (kind == kNames.end())
    return fail(Errc::invalid, fmt::format("there is no fault '{}'", printable(text, 40)), {},
                suggest(text, std::vector<std::string>(kNames.begin(), kNames.end())));
  fault.kind = static_cast<FaultKind>(kind - kNames.begin());
  const auto wrong = [&] {
    return fail(Errc::invalid, fmt::format("'{}' is no fault with its times", printable(whole, 60)), {},
                std::string(kForm));
  };
  if ((every && !lasts) || (lasts && !start)) return wrong();
  if (start) {
    PERCH_TRY(fault.start, parse_duration(*start));
  }
  if (lasts) {
    PERCH_TRY(fault.lasts, parse_duration(*lasts));
  }
  if (every) {
    PERCH_TRY(fault.every, parse_duration(*every));
    if (*fault.every <= *fault.lasts)
      return fail(Errc::invalid, fmt::format("'{}' comes again before it is over", printable(whole, 60)), {},
                  "give an EVERY that is longer than its LENGTH");
  }
  return fault;
}

std::vector<FaultKind> active_faults(const std::vector<Fault>& faults, Nanoseconds since_start) {
  std::vector<FaultKind> active;
  for (const Fault& fault : faults)
    if (fault.active(since_start)) active.push_back(fault.kind);
  return active;
}

}  // namespace perch::node
