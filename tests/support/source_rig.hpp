#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <fmt/format.h>

#include "net/http_client.hpp"
#include "seam/source.hpp"
#include "support/component.hpp"
#include "support/run_coroutine.hpp"

namespace perch::test {

/// What a source lives in, and the source. The io thread is the test's own: it runs while a frame is waited for.
struct SourceRig {
  explicit SourceRig(std::filesystem::path folder = {}) {
    context = {{"camera"}, io.get_executor(), blocking.get_executor(), &clock, &http, std::move(folder)};
  }

  ~SourceRig() {
    source.reset();
    while (io.poll() > 0) {
    }
    blocking.join();
  }

  SourceRig(const SourceRig&) = delete;
  SourceRig& operator=(const SourceRig&) = delete;

  /// Makes the source from TOML, a line a key.
  Result<void> make(std::string_view toml) {
    source.reset();
    PERCH_TRY(source, all_components().make_source(component(toml), context));
    return {};
  }

  Result<Frame> next() { return run_coroutine(io, source->next()); }

  asio::io_context io{1};
  asio::thread_pool blocking{1};
  ManualClock clock;
  net::HttpClient http{io.get_executor(), clock};
  SourceContext context;
  std::unique_ptr<Source> source;
};

/// The bytes of a frame that came as it was sent.
inline const SharedBytes& jpeg_of(const Frame& frame) {
  return std::get<Jpeg>(frame.payload).bytes;
}

}  // namespace perch::test
