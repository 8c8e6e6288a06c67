#pragma once
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace perch::test {

/// Hosts on one Ethernet, made of the kernel's network namespaces. A namespace belongs to a thread of the test and goes
/// with it, so nothing can be left behind, whatever becomes of the test.

/// A thread that lives in a network of its own, with an event loop.
class NetHost {
 public:
  NetHost();
  /// Ends the loop and the thread. Programs that it started must have ended.
  ~NetHost();
  NetHost(const NetHost&) = delete;
  NetHost& operator=(const NetHost&) = delete;

  /// Runs this on the host's thread, and returns when it is done. Programs that it starts live in its network.
  void run(const std::function<void()>& work);

  /// Runs `ip` with these arguments; aborts the test when it fails.
  void ip(const std::string& arguments);

  /// Where the kernel shows this network: what `ip link set … netns` takes.
  const std::string& path() const { return path_; }

  boost::asio::io_context& io() { return io_; }

 private:
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::string path_;
  std::jthread thread_;
};

/// A switch with hosts at it: host i is 10.77.0.(i+1)/24 on its interface `eth0`, and has an IPv6 link-local address.
class TestEthernet {
 public:
  /// Why there can be none here; empty when there can.
  static std::string trouble();

  /// @pre trouble() is empty
  explicit TestEthernet(std::size_t hosts);

  NetHost& operator[](std::size_t host) { return *hosts_[host]; }

  std::size_t size() const { return hosts_.size(); }

  /// Takes the cable of a host out, and puts it in again: it hears nothing and says nothing.
  void unplug(std::size_t host);
  void plug(std::size_t host);

 private:
  NetHost switch_;
  std::vector<std::unique_ptr<NetHost>> hosts_;
};

}  // namespace perch::test
