#include "net/fetch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include "base/text.hpp"
#include "net/http_client.hpp"
#include "net/http_errors.hpp"
#include "net/multipart.hpp"
#include "net/picture_answer.hpp"

namespace perch::net {

namespace {

HttpRequest request_of(const std::string& url, const FetchOptions& options) {
  HttpRequest request;
  request.url = url;
  request.connect_timeout = request.timeout = request.stall_timeout = options.timeout;
  request.most_bytes = options.most_bytes;
  request.most_redirects = options.most_redirects;
  request.tls = options.tls;
  return request;
}

/// Runs what a client is to do to its end.
template <class T>
Result<T> run_to_end(const std::string& url, auto&& work) {
  asio::io_context io(1);
  HttpClient client(io.get_executor());
  Result<T> got = fail(Errc::internal, "the transfer did not run", printable_url(url));
  asio::co_spawn(io, work(client), [&](const std::exception_ptr& thrown, Result<T> result) {
    if (!thrown) got = std::move(result);
    io.stop();
  });
  io.run();
  return got;
}

/// What is wrong with a stream of pictures in which there was none.
Error no_picture(const std::string& url, const std::string& what) {
  return {Errc::invalid, what, printable_url(url), "check that this leads to a picture or an MJPEG stream"};
}

asio::awaitable<Result<Bytes>> take_picture(HttpClient& client, HttpRequest request) {
  const std::string url = request.url;
  const Milliseconds timeout = request.timeout;
  const std::size_t most_bytes = request.most_bytes;
  const auto end = std::chrono::steady_clock::now() + timeout;
  Result<HttpStream> stream = co_await client.open(std::move(request));
  if (!stream) co_return fail(std::move(stream).error());
  // Anything that is no stream of parts is one picture, or is said to be none by whoever decodes it.
  Result<MultipartParser> parts = MultipartParser::for_content_type(stream->head().content_type);
  Bytes body;
  std::size_t read = 0;
  for (;;) {
    Result<Bytes> bytes = co_await stream->read();
    if (!bytes && bytes.error().code != Errc::eof) co_return fail(std::move(bytes).error());
    if (!bytes && !parts) co_return body;
    if (!bytes) co_return fail(no_picture(url, "the stream ended without a picture"));
    read += bytes->size();
    if (read > most_bytes)
      co_return fail(Errc::too_large, fmt::format("more than {}", format_size(most_bytes)), printable_url(url));
    if (!parts) {
      body.insert(body.end(), bytes->begin(), bytes->end());
    } else {
      parts->push(*bytes);
      for (;;) {
        Result<std::optional<Part>> part = parts->next();
        if (!part) co_return fail(part.error().at(printable_url(url)));
        if (!*part) break;
        if (looks_like_picture((*part)->body)) co_return std::move((*part)->body);
      }
    }
    if (std::chrono::steady_clock::now() >= end)
      co_return parts ? fail(no_picture(url, "no picture within " + format_duration(timeout)))
                      : fail(Errc::timeout, "no whole answer within " + format_duration(timeout), printable_url(url));
  }
}

}  // namespace

Result<Bytes> fetch(const std::string& url, const FetchOptions& options) {
  Result<HttpResponse> got =
      run_to_end<HttpResponse>(url, [&](HttpClient& client) { return client.get(request_of(url, options)); });
  if (!got) return fail(std::move(got).error());
  if (got->status != 200) return fail(status_error(got->status, url));
  return std::move(got->body);
}

Result<Bytes> fetch_picture(const std::string& url, const FetchOptions& options) {
  return run_to_end<Bytes>(url, [&](HttpClient& client) { return take_picture(client, request_of(url, options)); });
}

}  // namespace perch::net
