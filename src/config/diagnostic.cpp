#include "config/diagnostic.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "config/node.hpp"

namespace perch::config {

std::string Diagnostic::message() const {
  std::string text = file;
  if (line > 0) text += fmt::format(":{}:{}", line, column);
  if (!text.empty()) text += ": ";
  if (!key.empty()) text += key + ": ";
  text += reason;
  if (!remedy.empty()) text += "; " + remedy;
  return text;
}

void Diagnostics::add(const Origin& origin, std::string key, std::string reason, std::string remedy) {
  list_.push_back({origin.file ? *origin.file : std::string(), origin.line, origin.column, std::move(key),
                   std::move(reason), std::move(remedy)});
}

std::vector<std::string> Diagnostics::messages() const {
  std::vector<std::string> messages;
  for (const Diagnostic& diagnostic : list_) messages.push_back(diagnostic.message());
  return messages;
}

void Diagnostics::sort() {
  const auto order = [](const Diagnostic& d) { return std::tie(d.file, d.line, d.column, d.key, d.reason); };
  std::ranges::sort(list_, {}, order);
  const auto same = std::ranges::unique(list_, {}, order);
  list_.erase(same.begin(), same.end());
}

Error Diagnostics::to_error() const {
  PERCH_ASSERT(!ok());
  const Diagnostic& first = list_.front();
  if (list_.size() == 1) {
    std::string where = first.line > 0 ? fmt::format("{}:{}:{}", first.file, first.line, first.column) : first.file;
    return {Errc::invalid, first.key.empty() ? first.reason : first.key + ": " + first.reason, where, first.remedy};
  }
  std::string all = fmt::format("{} errors", list_.size());
  for (const Diagnostic& diagnostic : list_) all += "\n  " + diagnostic.message();
  const bool one_file = std::ranges::all_of(list_, [&](const Diagnostic& d) { return d.file == first.file; });
  return {Errc::invalid, all, one_file ? first.file : std::string(), {}};
}

}  // namespace perch::config
