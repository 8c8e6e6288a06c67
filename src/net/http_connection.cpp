#include "net/http_connection.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "base/log.hpp"
#include "base/text.hpp"

namespace perch::net {

namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

/// An answer is sent in pieces of this size, each with its own limit of time.
constexpr std::size_t kWriteBytes = 256 * 1024;
/// What the kernel may hold of a stream: more would only make a slow client later.
constexpr int kStreamBufferBytes = 256 * 1024;
/// After the last answer, what a client still sends is read for this long, or its end of the answer may be lost.
constexpr Milliseconds kLinger{500};
constexpr std::size_t kMostLingerBytes = 1'000'000;

using Parser = http::request_parser<http::string_body>;

class Conversation {
 public:
  Conversation(std::shared_ptr<const HttpServing> serving, std::shared_ptr<HttpConnection> connection,
               tcp::socket socket)
      : serving_(std::move(serving)),
        connection_(std::move(connection)),
        stream_(std::move(socket)) {
    connection_->close = [this] { stream_.close(); };
  }

  ~Conversation() { connection_->close = {}; }

  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  asio::awaitable<void> run();

  /// Set when the connection is to go on as a WebSocket.
  std::optional<HttpRouter::ToWebSocket> upgrade;

  tcp::socket release() { return stream_.release_socket(); }

  /// What has been read behind the last request.
  std::string rest() const { return beast::buffers_to_string(buffer_.data()); }

 private:
  const HttpServerConfig& config() const { return serving_->config; }

  asio::awaitable<bool> serve_one();
  asio::awaitable<bool> wait_for_request();
  asio::awaitable<bool> answer(Parser& parser, HttpRouter::ToHandler accepted);
  asio::awaitable<bool> refuse(const error_code& error);
  asio::awaitable<bool> read_body(Parser& parser, HttpCall& call);
  asio::awaitable<bool> send(const HttpReply& reply, bool keep_alive, bool head_only);
  asio::awaitable<bool> write(std::span<const ByteView> pieces);
  asio::awaitable<void> stream_out(const HttpReply& reply);
  asio::awaitable<void> pump(HttpChunks chunks);
  asio::awaitable<void> until_gone();
  asio::awaitable<void> linger();
  HttpRequestHead head_of(const Parser& parser);

  std::shared_ptr<const HttpServing> serving_;
  std::shared_ptr<HttpConnection> connection_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  bool first_ = true;
  bool leaving_ = false;  ///< the client of a stream has gone: what waits for more is cancelled
};

asio::awaitable<void> Conversation::run() {
  for (;;) {
    const bool more = co_await serve_one();
    if (upgrade) co_return;
    if (!more) break;
  }
  co_await linger();
}

/// Waits for the first byte. False when none comes.
asio::awaitable<bool> Conversation::wait_for_request() {
  const bool first = std::exchange(first_, false);
  if (buffer_.size() > 0) co_return true;
  connection_->doing = HttpConnection::Doing::idle;
  stream_.expires_after(first ? config().header_timeout : config().idle_timeout);
  error_code failed;
  const std::size_t got =
      co_await stream_.async_read_some(buffer_.prepare(4096), asio::redirect_error(asio::use_awaitable, failed));
  buffer_.commit(got);
  connection_->doing = HttpConnection::Doing::answering;
  co_return !failed && got > 0;
}

/// One request and its answer. Whether another may follow.
asio::awaitable<bool> Conversation::serve_one() {
  if (connection_->last) co_return false;
  const bool came = co_await wait_for_request();
  if (!came) co_return false;

  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(config().most_header_bytes));
  parser.body_limit(config().most_body_bytes);
  stream_.expires_after(config().header_timeout);
  error_code failed;
  co_await http::async_read_header(stream_, buffer_, parser, asio::redirect_error(asio::use_awaitable, failed));
  if (failed) co_return co_await refuse(failed);

  const bool keep_alive = parser.get().keep_alive();
  const bool head_only = parser.get().method() == http::verb::head;
  auto decided = serving_->router.route(head_of(parser), serving_->rules);
  if (auto* refused = std::get_if<HttpReply>(&decided)) {
    const bool well = co_await send(*refused, keep_alive && parser.is_done(), head_only);
    co_return well&& keep_alive&& parser.is_done();
  }
  if (auto* socket = std::get_if<HttpRouter::ToWebSocket>(&decided)) {
    upgrade = std::move(*socket);
    co_return false;
  }
  co_return co_await answer(parser, std::get<HttpRouter::ToHandler>(std::move(decided)));
}

HttpRequestHead Conversation::head_of(const Parser& parser) {
  HttpRequestHead head;
  head.method = parser.get().method_string();
  head.target = parser.get().target();
  for (const auto& field : parser.get()) head.headers.emplace_back(field.name_string(), field.value());
  error_code ignored;
  head.remote = stream_.socket().remote_endpoint(ignored).address().to_string();
  head.local = stream_.socket().local_endpoint(ignored).address().to_string();
  return head;
}

asio::awaitable<bool> Conversation::answer(Parser& parser, HttpRouter::ToHandler accepted) {
  const bool whole = co_await read_body(parser, accepted.call);
  if (!whole) co_return false;
  const HttpCall asked = accepted.call;
  HttpReply reply;
  try {
    reply = co_await (*accepted.handler)(std::move(accepted.call));
  } catch (const std::exception& thrown) {
    if (!stream_.socket().is_open()) throw;
    log::error("{} {}: {}", asked.method, printable(asked.path), thrown.what());
    reply = HttpReply::error(500, "this failed inside", "see the log");
  }
  std::ranges::move(accepted.sharing, std::back_inserter(reply.headers));
  make_conditional(reply, asked);
  const bool keep_alive = parser.get().keep_alive() && !connection_->last && !reply.chunks;
  const bool well = co_await send(reply, keep_alive, accepted.head_only);
  if (well && reply.chunks && !accepted.head_only) co_await stream_out(reply);
  co_return well&& keep_alive;
}

asio::awaitable<bool> Conversation::read_body(Parser& parser, HttpCall& call) {
  if (parser.is_done()) co_return true;
  error_code failed;
  stream_.expires_after(config().body_timeout);
  if (find_header(call.headers, "Expect") == "100-continue") {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    co_await asio::async_write(stream_, asio::buffer(kContinue), asio::redirect_error(asio::use_awaitable, failed));
  }
  if (!failed) co_await http::async_read(stream_, buffer_, parser, asio::redirect_error(asio::use_awaitable, failed));
  if (failed) co_return co_await refuse(failed);
  call.body = std::move(parser.get().body());
  co_return true;
}

/// Answers what is no request, where there is still somebody to answer. Always false.
asio::awaitable<bool> Conversation::refuse(const error_code& error) {
  HttpReply reply;
  if (error == http::error::header_limit)
    reply = HttpReply::error(431, "the request's header is over " + format_size(config().most_header_bytes));
  else if (error == http::error::body_limit)
    reply = HttpReply::error(413, "the request's body is over " + format_size(config().most_body_bytes));
  else if (error.category() == http::make_error_code(http::error::bad_method).category() &&
           error != http::error::end_of_stream && error != http::error::partial_message)
    reply = HttpReply::error(400, "this is no HTTP request: " + error.message());
  else
    co_return false;
  co_await send(reply, false, false);
  co_return false;
}

asio::awaitable<bool> Conversation::send(const HttpReply& reply, bool keep_alive, bool head_only) {
  const std::string head = reply_head(reply, keep_alive);
  const ByteView body = head_only || reply.chunks ? ByteView{} : reply.body.view();
  const std::array pieces{as_bytes(head), body};
  co_return co_await write(pieces);
}

/// Writes all of it, each `kWriteBytes` within the write timeout. False when the client did not take it.
asio::awaitable<bool> Conversation::write(std::span<const ByteView> pieces) {
  std::array<asio::const_buffer, 2> buffers;
  std::size_t piece = 0, offset = 0;
  while (piece < pieces.size()) {
    std::size_t used = 0, bytes = 0;
    while (piece < pieces.size() && used < buffers.size() && bytes < kWriteBytes) {
      const ByteView left = pieces[piece].subspan(offset);
      const ByteView now = left.first(std::min(left.size(), kWriteBytes - bytes));
      buffers[used++] = asio::buffer(now.data(), now.size());
      bytes += now.size();
      offset += now.size();
      if (now.size() == left.size()) {
        ++piece;
        offset = 0;
      }
    }
    for (std::size_t i = used; i < buffers.size(); ++i) buffers[i] = {};
    stream_.expires_after(config().write_timeout);
    error_code failed;
    co_await asio::async_write(stream_, buffers, asio::redirect_error(asio::use_awaitable, failed));
    if (failed) co_return false;
  }
  co_return true;
}

asio::awaitable<void> Conversation::stream_out(const HttpReply& reply) {
  using namespace asio::experimental::awaitable_operators;
  error_code ignored;
  (void)stream_.socket().set_option(asio::socket_base::send_buffer_size(kStreamBufferBytes), ignored);
  connection_->doing = HttpConnection::Doing::streaming;
  if (connection_->last) co_return;
  co_await (pump(reply.chunks) || until_gone());
  connection_->doing = HttpConnection::Doing::answering;
}

/// Throws nothing: whoever waits for this or for the client's end would go on waiting for the other.
asio::awaitable<void> Conversation::pump(HttpChunks chunks) {
  try {
    for (;;) {
      const std::optional<HttpChunk> chunk = co_await chunks();
      if (!chunk) co_return;
      const std::array pieces{as_bytes(chunk->head), chunk->body.view()};
      const bool well = co_await write(pieces);
      if (!well) co_return;
    }
  } catch (const std::exception& thrown) {
    if (stream_.socket().is_open() && !leaving_) log::error("a streamed answer failed: {}", thrown.what());
  }
}

/// Returns when the client has closed. What it sends meanwhile is thrown away.
asio::awaitable<void> Conversation::until_gone() {
  error_code failed;
  std::array<char, 4096> away{};
  (void)stream_.socket().non_blocking(true, failed);
  while (!failed) {
    co_await stream_.socket().async_wait(tcp::socket::wait_read, asio::redirect_error(asio::use_awaitable, failed));
    if (failed) break;
    stream_.socket().read_some(asio::buffer(away), failed);
    if (failed == asio::error::would_block) failed = {};
  }
  leaving_ = true;
}

asio::awaitable<void> Conversation::linger() {
  connection_->doing = HttpConnection::Doing::idle;
  error_code failed;
  (void)stream_.socket().shutdown(tcp::socket::shutdown_send, failed);
  stream_.expires_after(kLinger);
  std::array<char, 4096> away{};
  for (std::size_t taken = 0; !failed && taken < kMostLingerBytes;)
    taken += co_await stream_.async_read_some(asio::buffer(away), asio::redirect_error(asio::use_awaitable, failed));
}

}  // namespace

asio::awaitable<void> serve_http(std::shared_ptr<const HttpServing> serving, std::shared_ptr<HttpConnection> connection,
                                 tcp::socket socket) {
  std::optional<HttpRouter::ToWebSocket> upgrade;
  std::string early;
  {
    Conversation conversation(std::move(serving), connection, std::move(socket));
    co_await conversation.run();
    upgrade = std::move(conversation.upgrade);
    if (!upgrade) co_return;
    socket = conversation.release();
    early = conversation.rest();
  }
  co_await serve_web_socket(std::move(upgrade->hub), std::move(connection), std::move(socket), std::move(upgrade->call),
                            std::move(early));
}

}  // namespace perch::net
