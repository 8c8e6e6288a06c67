#include "source/telemetry/given.hpp"

#include <functional>

namespace perch::source::telemetry {

bool Given::before(std::string_view line) {
  const std::size_t hash = std::hash<std::string_view>()(line);
  const auto [known, is_new] = answers_.try_emplace(hash, answer_);
  if (!is_new) return known->second != answer_;
  order_.push_back(hash);
  if (order_.size() > kMost) {
    answers_.erase(order_.front());
    order_.pop_front();
  }
  return false;
}

}  // namespace perch::source::telemetry
