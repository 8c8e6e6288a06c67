#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/clock.hpp"
#include "edge/api_device.hpp"
#include "edge/camera_info.hpp"
#include "edge/discovery.hpp"
#include "edge/live.hpp"
#include "edge/metrics.hpp"
#include "edge/streams.hpp"
#include "journal/service.hpp"
#include "net/http_server.hpp"
#include "pictures/store.hpp"
#include "pipeline/cameras.hpp"

namespace perch::edge {

/// How far a sink is.
struct SinkState {
  std::string name;
  Seq delivered = 0;    ///< the far end has stored everything up to this
  std::string problem;  ///< why the last try failed, in words; empty when it did not
};

/// What the interface shows. Everything referred to outlives the interface and the servers that it serves on.
struct ApiContext {
  asio::any_io_executor io;        ///< one thread
  asio::any_io_executor blocking;  ///< threads for calls that block
  const Clock& clock;
  const DeviceInfo& device;
  const CameraInfos& infos;
  pipeline::Cameras& cameras;
  journal::Service& journal;
  std::shared_ptr<pictures::Store> pictures;  ///< null: none are kept
  Live& live;
  Streams& streams;
  Metrics& metrics;
  /// What keeps the daemon from its work, in words: the journal cannot be written, no worker answers. Empty: all is
  /// well. May be empty itself.
  std::function<std::vector<std::string>()> trouble;
  /// Readings that were given up because the journal could not take them. May be empty.
  std::function<std::uint64_t()> readings_dropped;
  /// Pictures that were given up while their readings waited for the journal. May be empty.
  std::function<std::uint64_t()> pictures_dropped;
  /// Open connections of all servers. May be empty.
  std::function<std::size_t()> http_connections;
  const Discovery* discovery = nullptr;  ///< what was found on the network; null: nothing is looked for
  /// The settings at work; valid until the handler next waits. May be empty when `discovery` is null.
  std::function<const Settings*()> settings = nullptr;
  /// The sinks, by name. May be empty.
  std::function<std::vector<SinkState>()> sinks = nullptr;
};

/// The HTTP interface of `perch edge`, as `docs/api.md` describes it. @thread io
class Api {
 public:
  explicit Api(ApiContext context);
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  /// Adds all routes to a server that has not started. May be called for several: they show the same.
  void add_routes(net::HttpServer& server);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace perch::edge
