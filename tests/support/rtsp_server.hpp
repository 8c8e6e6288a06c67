#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "image/picture.hpp"
#include "support/running_program.hpp"

namespace perch::test {

/// GStreamer's RTSP server, a process of its own, for programs that `tests/rtsp` tells where it is. It shows a white
/// ball on black, on a free port. @thread one
class RtspServer {
 public:
  static constexpr image::Size kSize{320, 240};

  /// @param more user and password, if it is to ask for them
  explicit RtspServer(std::vector<std::string> more = {}) : more_(std::move(more)) { start(); }

  /// On the same port again, after `kill`.
  void start() {
    std::vector<std::string> command{PERCH_RTSP_SERVER, port_, std::to_string(kSize.width),
                                     std::to_string(kSize.height)};
    command.insert(command.end(), more_.begin(), more_.end());
    program_.emplace(command);
    constexpr std::string_view kPort = "port ";
    const std::string line = program_->wait_for(std::string(kPort));
    port_ = line.substr(line.find(kPort) + kPort.size());
  }

  void kill() { program_.reset(); }

  void signal(int number) const { program_->signal(number); }

  std::string url(std::string_view path = "/live") const { return fmt::format("rtsp://127.0.0.1:{}{}", port_, path); }

  const std::string& port() const { return port_; }

 private:
  std::vector<std::string> more_;
  std::string port_ = "0";
  std::optional<RunningProgram> program_;
};

}  // namespace perch::test
