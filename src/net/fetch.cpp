#include "net/fetch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include "net/http_client.hpp"
#include "net/http_errors.hpp"

namespace perch::net {

Result<Bytes> fetch(const std::string& url, const FetchLimits& limits) {
  HttpRequest request;
  request.url = url;
  request.connect_timeout = request.timeout = request.stall_timeout = limits.timeout;
  request.most_bytes = limits.most_bytes;
  request.most_redirects = limits.most_redirects;

  asio::io_context io(1);
  HttpClient client(io.get_executor());
  Result<HttpResponse> got = fail(Errc::internal, "the transfer did not run", printable_url(url));
  asio::co_spawn(io, client.get(std::move(request)),
                 [&](const std::exception_ptr& thrown, Result<HttpResponse> result) {
                   if (!thrown) got = std::move(result);
                   io.stop();
                 });
  io.run();
  if (!got) return fail(std::move(got).error());
  if (got->status != 200) return fail(status_error(got->status, url));
  return std::move(got->body);
}

}  // namespace perch::net
