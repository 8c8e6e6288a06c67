#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/json_text.hpp"
#include "edge/api.hpp"
#include "edge/api_journal.hpp"

namespace perch::edge {

/// The handlers. Each keeps this alive while it runs; each file `api_*.cpp` has those of its topic.
class Api::Impl {
 public:
  using Reply = asio::awaitable<net::HttpReply>;

  explicit Impl(ApiContext context);

  const std::shared_ptr<net::WebSocketHub>& live() const { return context_.live.hub(); }

  // api.cpp: the device
  Reply info(net::HttpCall call);
  Reply health(net::HttpCall call);
  Reply metrics(net::HttpCall call);

  // api_cameras.cpp
  Reply cameras(net::HttpCall call);
  Reply camera(net::HttpCall call);
  Reply latest_picture(net::HttpCall call);
  Reply stream(net::HttpCall call);

  // api_discovered.cpp
  Reply discovered(net::HttpCall call);

  // api_readings.cpp
  Reply readings(net::HttpCall call);
  Reply picture(net::HttpCall call);

 private:
  /// A frame that was encoded for whoever asks for it again.
  struct Encoded {
    FramePtr frame;
    SharedBytes bytes;
  };

  /// Errors: not_found, with the nearest name.
  Result<const CameraInfo*> find(const std::string& name) const;
  void write_camera(json::Writer& w, const CameraInfo& info) const;
  /// The latest frame as a picture; encoded once.
  asio::awaitable<Result<SharedBytes>> encoded(FramePtr frame);
  /// Errors: invalid (a parameter that is not known or cannot be read, with the nearest name).
  Result<journal::Query> parse_query(const net::Query& query) const;
  /// Errors: not_found when a query names what neither the configuration nor the journal knows.
  asio::awaitable<Result<void>> check_names(journal::Query query);

  ApiContext context_;
  std::shared_ptr<JournalFigures> figures_;
  std::map<CameraId, Encoded> encoded_;
};

}  // namespace perch::edge
