#include "edge/page.hpp"

#include <string>
#include <utility>

#include "edge/page_files.hpp"
#include "net/http_server.hpp"

namespace perch::edge {

namespace {

namespace asio = boost::asio;

/// Nothing from elsewhere, no script or style within the page, and no other site that shows it in a frame.
constexpr std::string_view kContentSecurity =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

/// @param file  one of `page_files()`
asio::awaitable<net::HttpReply> answer(const PageFile* file) {
  net::HttpReply reply = net::HttpReply::text(file->text, std::string(file->type));
  reply.headers.emplace_back("Content-Security-Policy", kContentSecurity);
  reply.headers.emplace_back("Referrer-Policy", "no-referrer");
  co_return reply;
}

}  // namespace

void add_page(net::HttpServer& server) {
  constexpr std::string_view kFirst = "index.html";
  for (const PageFile& file : page_files()) {
    const std::string path = file.name == kFirst ? "/" : "/page/" + std::string(file.name);
    server.route("GET", path, [&file](const net::HttpCall&) { return answer(&file); });
  }
}

}  // namespace perch::edge
