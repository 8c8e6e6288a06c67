#pragma once
#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

namespace perch::net {

namespace asio = boost::asio;

/// libcurl's multi interface on Asio: any number of transfers on one thread, with the connections they share kept open
/// between them. Handles are libcurl's easy handles, without type so that its header stays out of ours.
/// Source: curl_multi_socket_action(3). @thread io
class CurlMulti {
 public:
  /// Called once, with the `CURLcode`, when a transfer has ended; never from within `add` or `remove`. The handle is
  /// free by then.
  using Done = std::function<void(int code)>;

  /// The code of a transfer that ended because this was destroyed.
  static constexpr int kStopped = 42;

  explicit CurlMulti(asio::any_io_executor executor);
  /// Ends what still runs, with `kStopped`.
  ~CurlMulti();
  CurlMulti(const CurlMulti&) = delete;
  CurlMulti& operator=(const CurlMulti&) = delete;

  /// Starts the transfer of an easy handle that is set up. The handle stays the caller's, and outlives the transfer.
  void add(void* easy, Done done);

  /// Ends a transfer at once; its `Done` is not called. Nothing happens to one that has ended.
  void remove(void* easy);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace perch::net
