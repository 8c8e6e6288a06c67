#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "seam/source.hpp"

namespace perch::test {

/// What a test holds of a source that it feeds. @thread io
struct Feed {
  std::deque<Result<Frame>> answers;
  std::function<Result<Frame>()> endless;  ///< answers when there are no others
  bool is_stream = false;                  ///< viewers can watch it

  int asked = 0;
  bool waiting = false;  ///< somebody waits for an answer
  bool gone = false;     ///< the source was destroyed
  int watches = 0;       ///< times that watching began
  std::function<void(const SharedBytes&)> viewer;
  std::function<void()> wake;

  void give(Result<Frame> answer) {
    answers.push_back(std::move(answer));
    if (wake) wake();
  }
};

/// Gives what its feed has, and hangs while it has nothing. @thread io
class FedSource final : public Source {
 public:
  FedSource(const asio::any_io_executor& io, Pace pace, std::shared_ptr<Feed> feed)
      : wake_(io),
        pace_(pace),
        feed_(std::move(feed)) {
    feed_->wake = [this] { wake_.cancel(); };
  }

  ~FedSource() override {
    feed_->gone = true;
    feed_->wake = {};
    feed_->viewer = {};
  }

  FedSource(const FedSource&) = delete;
  FedSource& operator=(const FedSource&) = delete;

  Pace pace() const override { return pace_; }

  asio::awaitable<Result<Frame>> next() override {
    const auto feed = feed_;
    ++feed->asked;
    feed->waiting = true;
    const std::shared_ptr<void> left(nullptr, [feed](void*) { feed->waiting = false; });
    if (feed->endless) {  // a real source never answers without a look at the world
      co_await asio::post(asio::use_awaitable);
      co_return feed->endless();
    }
    while (feed->answers.empty()) {
      wake_.expires_at(asio::steady_timer::time_point::max());
      co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    Result<Frame> answer = std::move(feed->answers.front());
    feed->answers.pop_front();
    co_return answer;
  }

  bool watch(std::function<void(const SharedBytes&)> viewer) override {
    if (!feed_->is_stream) return false;
    if (viewer) ++feed_->watches;
    feed_->viewer = std::move(viewer);
    return true;
  }

 private:
  asio::steady_timer wake_;
  Pace pace_;
  std::shared_ptr<Feed> feed_;
};

}  // namespace perch::test
