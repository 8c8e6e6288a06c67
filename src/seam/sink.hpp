#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/result.hpp"
#include "seam/observation.hpp"

namespace perch {

namespace asio = boost::asio;

/// An observation that is kept. `docs/formats/reading.md` has its JSON form.
struct Reading {
  std::string id;       ///< ULID; the far end drops a second reading with the same id
  std::string journal;  ///< the id of the journal it was first written to
  Seq seq = 0;          ///< its place in that journal
  std::string device, camera, task;
  Observation observation;
  std::string picture;       ///< `sha256:…` of the analysed picture when it is kept, else empty
  std::string model;         ///< `NAME@SHA8`, or empty without a model
  std::uint64_t config = 0;  ///< revision of the configuration it was made under
  /// What the label ids of its findings name. The task's model may be another one by the time a sink reads it.
  std::vector<std::string> labels;
};

/// What a sink may use. Everything outlives the sink.
struct SinkContext {
  std::string name;                ///< of its cursor in the journal
  asio::any_io_executor io;        ///< the thread that everything of a sink runs on
  asio::any_io_executor blocking;  ///< threads for calls that block
  const Clock* clock = nullptr;
  std::filesystem::path folder;  ///< what the configuration's relative paths are relative to: the data folder
};

/// Takes readings from the journal at its own pace. @thread io
class Sink {
 public:
  virtual ~Sink() = default;

  /// Delivers in order and returns the last seq that the far end has really stored, which may be short of the last one
  /// given. Safe to repeat: readings carry their ids. Errors are retried with back-off, from the first undelivered one.
  virtual asio::awaitable<Result<Seq>> deliver(std::span<const Reading> readings) = 0;
};

}  // namespace perch
