#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "journal/journal.hpp"
#include "journal/journal_impl.hpp"

namespace perch::journal {

namespace {

/// Where a reading stands in the order of times.
struct Place {
  std::int64_t at = 0;
  std::int64_t seq = 0;
  auto operator<=>(const Place&) const = default;
};

Result<Place> parse_place(const std::string& page) {
  Place place;
  const char* const end = page.data() + page.size();
  const auto at = std::from_chars(page.data(), end, place.at);
  if (at.ec == std::errc{} && at.ptr != end && *at.ptr == '.') {
    const auto seq = std::from_chars(at.ptr + 1, end, place.seq);
    if (seq.ec == std::errc{} && seq.ptr == end) return place;
  }
  return fail(Errc::invalid, "a page that is none", {}, "pass on what the page before gave as its next");
}

}  // namespace

Result<Page> Journal::query(const Query& query) {
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (query.limit == 0 || query.limit > kMostPage)
    return fail(Errc::invalid, fmt::format("a limit of {}: give one from 1 to {}", query.limit, kMostPage));
  const bool newest_first = query.order == Order::newest_first;
  Place beyond = newest_first ? Place{kMost, kMost} : Place{kLeast, kLeast};
  if (!query.page.empty()) {
    PERCH_TRY(beyond, parse_place(query.page));
  }
  const std::int64_t from = query.from ? query.from->time_since_epoch().count() : kLeast;
  const std::int64_t to = query.to ? query.to->time_since_epoch().count() : kMost;

  // The first of each stream, from the index alone, then the first of all.
  std::vector<Place> places;
  Statement& rows = newest_first ? impl_->find_newest : impl_->find_oldest;
  const std::size_t wanted = query.limit + 1;
  for (const auto& [stream, id] : impl_->streams) {
    if (!query.camera.empty() && stream.first != query.camera) continue;
    if (!query.task.empty() && stream.second != query.task) continue;
    rows.bind(1, id).bind(2, from).bind(3, to).bind(4, beyond.at).bind(5, beyond.seq);
    rows.bind(6, static_cast<std::int64_t>(wanted));
    for (;;) {
      PERCH_TRY(const bool row, rows.step());
      if (!row) break;
      places.push_back({rows.integer(0), rows.integer(1)});
    }
  }
  const std::size_t found = std::min(places.size(), wanted);
  const auto middle = places.begin() + static_cast<std::ptrdiff_t>(found);
  if (newest_first)
    std::partial_sort(places.begin(), middle, places.end(), std::greater<>());
  else
    std::partial_sort(places.begin(), middle, places.end());

  Page page;
  for (std::size_t i = 0; i < std::min(found, query.limit); ++i) {
    PERCH_TRY(const bool row, impl_->read_line.bind(1, places[i].seq).step());
    if (!row) continue;
    page.lines.emplace_back(impl_->read_line.text(0));
    impl_->read_line.reset();
  }
  if (found > query.limit) {
    const Place& last = places[query.limit - 1];
    page.next = fmt::format("{}.{}", last.at, last.seq);
  }
  return page;
}

}  // namespace perch::journal
