#include "support/net_namespace.hpp"

#include <cstdio>
#include <cstdlib>
#include <future>

#include <boost/asio/post.hpp>
#include <sched.h>
#include <unistd.h>

namespace perch::test {

namespace {

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::abort();
}

bool command_works(const std::string& command) {
  return std::system(command.c_str()) == 0;  // NOLINT(concurrency-mt-unsafe,bugprone-command-processor,cert-env33-c)
}

}  // namespace

NetHost::NetHost() : work_(boost::asio::make_work_guard(io_)) {
  std::promise<void> ready;
  thread_ = std::jthread([this, &ready] {
    if (::unshare(CLONE_NEWNET) != 0) give_up("no network namespace can be made");
    path_ = "/proc/" + std::to_string(::getpid()) + "/task/" + std::to_string(::gettid()) + "/ns/net";
    ready.set_value();
    io_.run();
  });
  ready.get_future().get();
}

NetHost::~NetHost() {
  work_.reset();
  io_.stop();
  thread_.join();
}

void NetHost::run(const std::function<void()>& work) {
  std::packaged_task<void()> task(work);
  auto done = task.get_future();
  boost::asio::post(io_, [&task] { task(); });
  done.get();
}

void NetHost::ip(const std::string& arguments) {
  run([&] {
    if (!command_works("ip " + arguments)) give_up("failed: ip " + arguments);
  });
}

std::string TestEthernet::trouble() {
  if (!command_works("ip -V >/dev/null 2>&1")) return "the program ip (package iproute2) is missing";
  bool allowed = false;
  std::thread([&] {
    allowed = ::unshare(CLONE_NEWNET) == 0 && command_works("ip link add v0 type veth peer name v1 2>/dev/null") &&
              command_works("ip link add b0 type bridge 2>/dev/null");
  }).join();
  return allowed ? "" : "network namespaces with veth and bridge are not permitted here";
}

TestEthernet::TestEthernet(std::size_t hosts) {
  // Without snooping every multicast reaches every port at once, as on a plain switch.
  switch_.ip("link add br0 type bridge mcast_snooping 0");
  switch_.ip("link set br0 up");
  for (std::size_t i = 0; i < hosts; ++i) {
    NetHost& host = *hosts_.emplace_back(std::make_unique<NetHost>());
    const std::string port = "port" + std::to_string(i);
    switch_.ip("link add " + port + " type veth peer name eth0 netns " + host.path());
    switch_.ip("link set " + port + " master br0 up");
    host.ip("link set lo up");
    host.ip("address add 10.77.0." + std::to_string(i + 1) + "/24 dev eth0");
    host.ip("link set eth0 up");
  }
}

void TestEthernet::unplug(std::size_t host) {
  switch_.ip("link set port" + std::to_string(host) + " nomaster");
}

void TestEthernet::plug(std::size_t host) {
  switch_.ip("link set port" + std::to_string(host) + " master br0");
}

}  // namespace perch::test
