#pragma once
#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/curl_multi.hpp"
#include "net/http_message.hpp"

namespace perch::net {

/// libcurl's easy handle: options, and what it has learned about a server's authentication.
struct EasyHandle {
  EasyHandle();
  ~EasyHandle();
  EasyHandle(const EasyHandle&) = delete;
  EasyHandle& operator=(const EasyHandle&) = delete;

  void* easy = nullptr;
  bool challenged = false;  ///< knows how to authenticate without being asked first
};

/// One request on its way, and its answer. Ends once: by its last byte, a limit, a timer or `abort`. @thread io
struct Transfer : std::enable_shared_from_this<Transfer> {
  enum class Mode : std::uint8_t { whole, stream };

  Transfer(const asio::any_io_executor& executor, HttpRequest its_request, Mode its_mode);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// Sets the handle up and starts. Errors: invalid.
  Result<void> start(const std::shared_ptr<CurlMulti>& multi, std::unique_ptr<EasyHandle> handle);

  /// Ends it with this error, unless it has ended.
  void abort(Error error);

  /// Waits until there is news: bytes, or the end. Errors: canceled, which has ended the transfer.
  static asio::awaitable<Result<void>> news(std::shared_ptr<Transfer> transfer);

  /// Takes what has come in of a stream and lets more come.
  Bytes take();

  HttpRequest request;
  Mode mode;
  HttpHead head;
  Bytes body;
  bool ended = false;
  std::optional<Error> error;
  std::unique_ptr<EasyHandle> handle;

  using Clock = std::chrono::steady_clock;

 private:
  friend struct TransferCallbacks;

  Result<void> set_options();
  void finish(int code);
  void close();
  void watch();
  void make_room();
  void note_progress(std::size_t bytes);
  bool take_head();
  Error error_of(int code) const;

  std::weak_ptr<CurlMulti> multi_;
  asio::steady_timer news_, watchdog_;
  void* header_list_ = nullptr;
  std::array<char, 256> detail_{};  ///< CURL_ERROR_SIZE
  std::size_t header_bytes_ = 0, since_mark_ = 0;
  Clock::time_point started_, mark_;
  bool has_head_ = false, head_complete_ = false, paused_ = false;
};

}  // namespace perch::net
