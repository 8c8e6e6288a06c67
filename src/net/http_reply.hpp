#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/http_message.hpp"
#include "net/query.hpp"

namespace perch::net {

namespace asio = boost::asio;

/// A request as its handler gets it: checked, taken apart, whole.
struct HttpCall {
  std::string method;  ///< `GET`; a HEAD comes as GET
  std::string path;    ///< as it came, not decoded
  PathParams params;   ///< what the route's `{name}`s stand for, decoded
  Query query;
  Headers headers;
  std::string body;
  std::string remote;  ///< the address of the other side

  /// What a place of the route stands for. `name` is one of the route's.
  const std::string& param(std::string_view name) const;
};

/// A piece of a streamed answer: text of ours, then bytes that are shared and not copied.
struct HttpChunk {
  std::string head;
  SharedBytes body;
};

/// Called for the next piece whenever the one before has been taken by the client; nothing ends the answer. It is
/// cancelled when the client goes away. A source of pictures gives its newest one, so a slow client skips some.
using HttpChunks = std::function<asio::awaitable<std::optional<HttpChunk>>()>;

/// What a handler answers.
struct HttpReply {
  int status = 200;
  std::string content_type;
  Headers headers;
  SharedBytes body;
  std::string etag;   ///< without quotes; empty: made from the body
  HttpChunks chunks;  ///< when there is one: the body, until the client or it ends

  static HttpReply json(std::string_view text);
  static HttpReply text(std::string_view text, std::string type = "text/plain; charset=utf-8");
  static HttpReply bytes(std::string type, SharedBytes body, std::string etag = {});
  static HttpReply stream(std::string type, HttpChunks chunks);
  /// `{"error": …, "remedy": …}`, with the status that fits the kind of error.
  static HttpReply error(const Error& error);
  static HttpReply error(int status, std::string_view what, std::string_view remedy = {});
};

/// The words of a status: `Not Found`. @thread any
std::string_view status_words(int status);

/// Whether an `If-None-Match` names this tag. Weak tags count, as RFC 9110 section 13.1.2 wants. @thread any
bool etag_matches(std::string_view if_none_match, std::string_view etag);

/// The reply to a GET as it is sent: with its tag, or 304 without a body when the client has it already. Others, and
/// streams, stay as they are. @thread any
void make_conditional(HttpReply& reply, const HttpCall& call);

/// Status line and headers, up to and with the empty line. A line break within a header of the reply becomes a space.
/// @thread any
std::string reply_head(const HttpReply& reply, bool keep_alive);

}  // namespace perch::net
