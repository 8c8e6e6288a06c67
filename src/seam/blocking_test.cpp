#include "seam/blocking.hpp"

#include <stdexcept>
#include <string>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <doctest/doctest.h>

#include "support/run_coroutine.hpp"

using namespace perch;

namespace {

struct Fixture {
  asio::io_context io;
  asio::thread_pool blocking{1};

  template <class F>
  auto run(F work) {
    return test::run_coroutine(io, run_blocking(blocking.get_executor(), std::move(work)));
  }
};

}  // namespace

TEST_CASE("a call that blocks runs on another thread, and its result comes back") {
  Fixture f;
  const auto elsewhere = [here = std::this_thread::get_id()] { return std::this_thread::get_id() != here; };
  CHECK(f.run(elsewhere));
}

TEST_CASE("what a call that blocks throws is thrown to who awaits it, and the thread serves the next") {
  Fixture f;
  const auto throws = []() -> int { throw std::runtime_error("too many symbolic links"); };
  CHECK_THROWS_WITH_AS(f.run(throws), "too many symbolic links", std::runtime_error);
  CHECK(f.run([] { return std::string("next"); }) == "next");
}
