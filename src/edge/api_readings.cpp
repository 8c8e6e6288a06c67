#include <array>
#include <set>

#include <fmt/format.h>

#include "base/text.hpp"
#include "edge/api_impl.hpp"
#include "edge/api_picture.hpp"
#include "edge/settings.hpp"
#include "seam/blocking.hpp"

namespace perch::edge {

namespace {

const std::vector<std::string> kParameters{"camera", "task", "from", "to", "limit", "cursor", "order"};
const std::vector<std::string> kOrders{"newest", "oldest"};

constexpr std::int64_t kMostReadings = 1000;
constexpr std::string_view kForEver = "private, max-age=31536000, immutable";

/// Each parameter is known, given once, and not empty.
Result<void> check_parameters(const net::Query& query) {
  std::set<std::string_view> seen;
  for (const auto& [name, value] : query.entries()) {
    if (std::ranges::find(kParameters, name) == kParameters.end())
      return fail(Errc::invalid, fmt::format("there is no parameter '{}'", printable(name, 40)), {},
                  suggest(name, kParameters));
    if (!seen.insert(name).second) return fail(Errc::invalid, "it is given twice", name, "give it once");
    if (value.empty()) return fail(Errc::invalid, "it is empty", name, "leave it out, or give it a value");
  }
  return {};
}

Result<std::optional<UtcTime>> parse_time(const net::Query& query, std::string_view name) {
  const auto text = query.get(name);
  if (!text) return std::optional<UtcTime>();
  const Result<UtcTime> time = parse_utc(*text);
  if (!time)
    return fail(Errc::invalid, fmt::format("'{}' is not a time", printable(*text, 40)), std::string(name),
                "write it in UTC, as 2026-11-21T02:13:24.118Z");
  return std::optional(*time);
}

/// Whether there is a reading at all.
journal::Query any_of(const std::string& camera, const std::string& task) {
  journal::Query query;
  query.camera = camera;
  query.task = task;
  query.limit = 1;
  return query;
}

}  // namespace

Result<journal::Query> Api::Impl::parse_query(const net::Query& query) const {
  PERCH_CHECK(check_parameters(query));
  journal::Query wanted;
  wanted.camera = query.get("camera").value_or("");
  wanted.task = query.get("task").value_or("");
  PERCH_TRY(wanted.from, parse_time(query, "from"));
  PERCH_TRY(wanted.to, parse_time(query, "to"));
  if (wanted.from && wanted.to && *wanted.from >= *wanted.to)
    return fail(Errc::invalid, "no time is from 'from' on and before 'to'", "to", "make it later than 'from'");
  auto limit = query.integer("limit", 1, kMostReadings);
  if (!limit) {
    limit.error().remedy = "give one of these; what is beyond comes with the answer's 'next' as cursor";
    return fail(limit.error());
  }
  if (*limit) wanted.limit = static_cast<std::size_t>(**limit);
  const std::string order(query.get("order").value_or(kOrders[0]));
  if (std::ranges::find(kOrders, order) == kOrders.end())
    return fail(Errc::invalid, fmt::format("'{}' is no order", printable(order, 40)), "order", suggest(order, kOrders));
  wanted.order = order == kOrders[0] ? journal::Order::newest_first : journal::Order::oldest_first;
  wanted.page = query.get("cursor").value_or("");
  return wanted;
}

Api::Impl::Reply Api::Impl::readings(net::HttpCall call) {
  const Result<journal::Query> wanted = parse_query(call.query);
  if (!wanted) co_return net::HttpReply::error(wanted.error());
  const Result<journal::Page> page = co_await context_.journal.query(*wanted);
  if (!page) co_return net::HttpReply::error(page.error());
  if (page->lines.empty()) {
    const Result<void> known = co_await check_names(*wanted);
    if (!known) co_return net::HttpReply::error(known.error());
  }
  json::Writer w;
  w.begin_object().key("readings").begin_array();
  for (const std::string& line : page->lines) w.raw(line);
  w.end_array().key("next");
  if (page->next.empty())
    w.null();
  else
    w.string(page->next);
  w.end_object();
  co_return net::HttpReply::json(w.text());
}

asio::awaitable<Result<void>> Api::Impl::check_names(journal::Query query) {
  const CameraInfo* info = nullptr;
  if (query.camera == kOwnCamera) co_return Result<void>();
  if (!query.camera.empty()) {
    const Result<const CameraInfo*> found = find(query.camera);
    if (!found) {
      // Readings of a camera that is no longer there are readings still.
      const journal::Query of_camera = any_of(query.camera, {});
      const Result<journal::Page> any = co_await context_.journal.query(of_camera);
      co_return any && any->lines.empty() ? Result<void>(fail(found.error())) : Result<void>();
    }
    info = *found;
  }
  if (query.task.empty()) co_return Result<void>();
  std::vector<std::string> names{std::string(kHealthTask)};
  for (const auto& [id, each] : context_.infos)
    for (const TaskInfo& task : each.tasks)
      if (info == nullptr || info == &each) names.push_back(task.name);
  if (std::ranges::find(names, query.task) != names.end()) co_return Result<void>();
  const journal::Query of_task = any_of(query.camera, query.task);
  const Result<journal::Page> any = co_await context_.journal.query(of_task);
  if (!any || !any->lines.empty()) co_return Result<void>();
  co_return fail(Errc::not_found, fmt::format("there is no task '{}'", printable(query.task, 64)), {},
                 suggest(query.task, names));
}

Api::Impl::Reply Api::Impl::picture(net::HttpCall call) {
  const Result<pictures::Sha> sha = pictures::Sha::parse(call.param("sha"));
  if (!sha) co_return net::HttpReply::error(sha.error());
  if (context_.pictures == nullptr) co_return net::HttpReply::error(404, "this device keeps no pictures");
  net::HttpReply reply;
  reply.etag = sha->hex();
  reply.headers.emplace_back("Cache-Control", kForEver);
  if (net::etag_matches(net::find_header(call.headers, "If-None-Match"), reply.etag)) co_return reply;
  auto read = [store = context_.pictures, sha = *sha] { return store->read(sha); };
  Result<Bytes> bytes = co_await run_blocking(context_.blocking, std::move(read));
  if (!bytes && bytes.error().code == Errc::mismatch)  // its file was damaged: there is no such picture any more
    co_return net::HttpReply::error(404, bytes.error().what, bytes.error().remedy);
  if (!bytes) co_return net::HttpReply::error(bytes.error());
  reply.content_type = content_type_of(*bytes);
  reply.body = SharedBytes(std::move(*bytes));
  co_return reply;
}

}  // namespace perch::edge
