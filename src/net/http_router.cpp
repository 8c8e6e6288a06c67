#include "net/http_router.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/assert.hpp"
#include "base/text.hpp"

namespace perch::net {

namespace {

bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

bool has_token(std::string_view list, std::string_view token) {
  return std::ranges::any_of(split(list, ','), [&](const std::string& part) {
    const Headers one{{std::string(trim(part)), "x"}};  // compares without regard to case
    return !find_header(one, token).empty();
  });
}

HttpReply allowing(int status, const std::set<std::string>& methods) {
  HttpReply reply = status == 204 ? HttpReply{} : HttpReply::error(status, "this cannot be done here");
  reply.status = status;
  const std::vector<std::string> list(methods.begin(), methods.end());
  reply.headers.emplace_back("Allow", join(list, ", "));
  return reply;
}

/// What lets a page of an allowed origin, and no other, read an answer.
Headers sharing(const Headers& asked, const HostRules& rules) {
  if (!rules.allows_others()) return {};
  Headers headers{{"Vary", "Origin"}};  // what a cache keeps is for one of them
  const std::string_view origin = find_header(asked, "Origin");
  if (!rules.is_allowed_other(origin)) return headers;
  headers.emplace_back("Access-Control-Allow-Origin", origin);
  headers.emplace_back("Access-Control-Expose-Headers", "*");
  return headers;
}

/// The answer to OPTIONS; to a page of an allowed origin also what its requests may be like.
HttpReply options(const std::set<std::string>& methods, const Headers& asked, Headers sharing) {
  HttpReply reply = allowing(204, methods);
  if (!find_header(sharing, "Access-Control-Allow-Origin").empty() &&
      !find_header(asked, "Access-Control-Request-Method").empty()) {
    sharing.emplace_back("Access-Control-Allow-Methods", find_header(reply.headers, "Allow"));
    sharing.emplace_back("Access-Control-Allow-Headers", "If-None-Match");
  }
  std::ranges::move(sharing, std::back_inserter(reply.headers));
  return reply;
}

/// The one host that the request names.
Result<std::string> host_of(const Headers& headers) {
  std::optional<std::string> host;
  for (const auto& [name, value] : headers) {
    if (find_header({{name, "x"}}, "Host").empty()) continue;
    if (host) return fail(Errc::invalid, "the request names two hosts");
    host = value;
  }
  if (!host) return fail(Errc::invalid, "the request names no host");
  return *host;
}

}  // namespace

void HttpRouter::add(std::string method, std::string_view pattern, HttpHandler handler) {
  PERCH_ASSERT(handler && method != "HEAD" && method != "OPTIONS");
  routes_.push_back({std::move(method), PathPattern(pattern), std::move(handler), nullptr});
}

void HttpRouter::add(std::string_view pattern, std::shared_ptr<WebSocketHub> hub) {
  PERCH_ASSERT(hub);
  routes_.push_back({"GET", PathPattern(pattern), {}, std::move(hub)});
}

std::variant<HttpReply, HttpRouter::ToHandler, HttpRouter::ToWebSocket> HttpRouter::route(
    HttpRequestHead head, const HostRules& rules) const {
  auto host = host_of(head.headers);
  if (!host) return HttpReply::error(host.error());
  auto target = parse_target(head.target);
  if (!target) return HttpReply::error(target.error());
  if (!target->authority.empty()) host = target->authority;
  if (const auto ours = rules.check_host(*host, head.local); !ours) return HttpReply::error(ours.error());

  std::set<std::string> allowed{"OPTIONS"};
  const Route* chosen = nullptr;
  PathParams params;
  const bool head_only = head.method == "HEAD";
  const std::string_view wanted = head_only ? std::string_view("GET") : std::string_view(head.method);
  for (const Route& route : routes_) {
    auto matched = route.pattern.match(target->segments);
    if (!matched && target->path != "*") continue;
    allowed.insert(route.method);
    if (route.method == "GET" && !route.hub) allowed.insert("HEAD");
    if (!chosen && matched && route.method == wanted) {
      chosen = &route;
      params = std::move(*matched);
    }
  }
  Headers shared = sharing(head.headers, rules);
  const auto readable = [&](HttpReply reply) {
    std::ranges::copy(shared, std::back_inserter(reply.headers));
    return reply;
  };
  if (allowed.size() == 1) return readable(HttpReply::error(404, "there is no " + printable(target->path)));
  if (head.method == "OPTIONS") return options(allowed, head.headers, std::move(shared));
  if (chosen == nullptr) return readable(allowing(405, allowed));

  if (!is_safe(head.method) || chosen->hub)
    if (const auto fine = rules.check_origin(find_header(head.headers, "Origin"), *host); !fine)
      return HttpReply::error(fine.error());
  HttpCall call;
  call.method = wanted;
  call.path = std::move(target->path);
  call.params = std::move(params);
  call.query = std::move(target->query);
  call.remote = std::move(head.remote);
  const bool upgrade = has_token(find_header(head.headers, "Connection"), "upgrade") &&
                       has_token(find_header(head.headers, "Upgrade"), "websocket");
  call.headers = std::move(head.headers);
  if (!chosen->hub) return ToHandler{&chosen->handler, std::move(call), head_only, std::move(shared)};
  if (upgrade && !head_only) return ToWebSocket{chosen->hub, std::move(call)};
  HttpReply reply = HttpReply::error(426, "this is a WebSocket", "open it with ws://");
  reply.headers.emplace_back("Upgrade", "websocket");
  return reply;
}

}  // namespace perch::net
