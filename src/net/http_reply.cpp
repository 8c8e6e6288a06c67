#include "net/http_reply.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/json_text.hpp"
#include "base/text.hpp"

namespace perch::net {

namespace {

int status_of(Errc code) {
  switch (code) {
    case Errc::invalid:
    case Errc::mismatch:
      return 400;
    case Errc::denied:
      return 403;
    case Errc::not_found:
    case Errc::no_reading:
      return 404;
    case Errc::exists:
      return 409;
    case Errc::too_large:
      return 413;
    case Errc::unsupported:
      return 501;
    case Errc::io:
      return 502;
    case Errc::full:
    case Errc::canceled:
      return 503;
    case Errc::timeout:
      return 504;
    case Errc::eof:
    case Errc::internal:
      break;
  }
  return 500;
}

SharedBytes shared(std::string_view text) {
  const ByteView bytes = as_bytes(text);
  return SharedBytes(Bytes(bytes.begin(), bytes.end()));
}

std::string one_line(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(out, [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
  return out;
}

}  // namespace

const std::string& HttpCall::param(std::string_view name) const {
  const auto found = std::ranges::find(params, name, [](const auto& entry) { return std::string_view(entry.first); });
  PERCH_ASSERT(found != params.end());
  return found->second;
}

HttpReply HttpReply::json(std::string_view text) {
  return HttpReply::text(text, "application/json");
}

HttpReply HttpReply::text(std::string_view text, std::string type) {
  return bytes(std::move(type), shared(text));
}

HttpReply HttpReply::bytes(std::string type, SharedBytes body, std::string etag) {
  HttpReply reply;
  reply.content_type = std::move(type);
  reply.body = std::move(body);
  reply.etag = std::move(etag);
  return reply;
}

HttpReply HttpReply::stream(std::string type, HttpChunks chunks) {
  HttpReply reply;
  reply.content_type = std::move(type);
  reply.chunks = std::move(chunks);
  return reply;
}

HttpReply HttpReply::error(const Error& error) {
  const std::string what = error.where.empty() ? error.what : error.where + ": " + error.what;
  return HttpReply::error(status_of(error.code), what, error.remedy);
}

HttpReply HttpReply::error(int status, std::string_view what, std::string_view remedy) {
  json::Writer writer;
  writer.begin_object().key("error").string(what).key("remedy").string(remedy).end_object();
  HttpReply reply = json(writer.text());
  reply.status = status;
  return reply;
}

std::string_view status_words(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 426:
      return "Upgrade Required";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Other";
  }
}

bool etag_matches(std::string_view if_none_match, std::string_view etag) {
  for (const std::string& part : split(if_none_match, ',')) {
    std::string_view tag = trim(part);
    if (tag == "*") return true;
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag.size() == etag.size() + 2 && tag.front() == '"' && tag.back() == '"' && tag.substr(1, etag.size()) == etag)
      return true;
  }
  return false;
}

void make_conditional(HttpReply& reply, const HttpCall& call) {
  if (call.method != "GET" || reply.status != 200 || reply.chunks) return;
  if (reply.etag.empty()) reply.etag = sha256_hex(reply.body.view()).substr(0, 32);
  if (!etag_matches(find_header(call.headers, "If-None-Match"), reply.etag)) return;
  reply.status = 304;
  reply.body = {};
}

std::string reply_head(const HttpReply& reply, bool keep_alive) {
  std::string out = fmt::format("HTTP/1.1 {} {}\r\n", reply.status, status_words(reply.status));
  const auto add = [&out](std::string_view name, std::string_view value) {
    fmt::format_to(std::back_inserter(out), "{}: {}\r\n", one_line(name), one_line(value));
  };
  const bool bodiless = reply.status == 204 || reply.status == 304;
  if (!reply.content_type.empty() && !bodiless) add("Content-Type", reply.content_type);
  if (!reply.chunks && !bodiless) add("Content-Length", std::to_string(reply.body.size()));
  if (!reply.etag.empty()) add("ETag", '"' + reply.etag + '"');
  if (find_header(reply.headers, "Cache-Control").empty()) add("Cache-Control", reply.chunks ? "no-store" : "no-cache");
  add("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : reply.headers) add(name, value);
  add("Connection", keep_alive ? "keep-alive" : "close");
  out += "\r\n";
  return out;
}

}  // namespace perch::net
