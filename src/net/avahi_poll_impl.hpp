#pragma once
#include <memory>

#include <avahi-common/watch.h>
#include <boost/asio/any_io_executor.hpp>

namespace perch::net {

/// Avahi's event loop, as it wants to see one, on Asio. Outlives whatever uses it. @thread io
class AvahiAsioPoll {
 public:
  explicit AvahiAsioPoll(boost::asio::any_io_executor executor);
  AvahiAsioPoll(const AvahiAsioPoll&) = delete;
  AvahiAsioPoll& operator=(const AvahiAsioPoll&) = delete;

  const AvahiPoll* api() const { return &api_; }

  const boost::asio::any_io_executor& executor() const { return executor_; }

 private:
  boost::asio::any_io_executor executor_;
  AvahiPoll api_{};
};

}  // namespace perch::net
