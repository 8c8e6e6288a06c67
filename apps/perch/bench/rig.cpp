#include "bench/rig.hpp"

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "base/text.hpp"
#include "bench/views.hpp"

namespace perch::bench {

namespace {

constexpr Milliseconds kAnswer{20'000};

}  // namespace

Result<Workplace> Workplace::make() {
  std::string name = (std::filesystem::temp_directory_path() / "perch-bench-XXXXXX").string();
  if (!::mkdtemp(name.data())) return fail(Errc::io, "cannot make a folder", name);
  return Workplace(name);
}

Workplace::~Workplace() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Result<CameraProcess> CameraProcess::start(const std::vector<Bytes>& views, int each,
                                           const std::filesystem::path& folder) {
  PERCH_CHECK(write_views(folder, views));
  PERCH_TRY(Child child,
            Child::start({"bench", "camera-server", "--pictures", folder.string(), "--each", std::to_string(each)},
                         {.talk = true}));
  PERCH_TRY(const std::uint16_t port, child.hear_port(kAnswer));
  return CameraProcess(std::move(child), port);
}

Result<void> CameraProcess::tell(std::string_view command) {
  PERCH_CHECK(child_.say(command));
  PERCH_TRY(const std::string answer, child_.hear(kAnswer));
  if (answer != "ok") return fail(Errc::internal, "the cameras do not obey");
  return {};
}

std::string ms_text(Seconds time) {
  return duration_text(std::chrono::round<Milliseconds>(time));
}

Result<void> Patience::wait(Seconds time) {
  while (time > Seconds{0}) {
    const Seconds step = std::min(time, Seconds{1});
    std::this_thread::sleep_for(step);
    PERCH_CHECK(spent(step));
    time -= step;
  }
  return {};
}

Result<void> Patience::spent(Seconds time) {
  for (untold_ += time; untold_ >= Seconds{1}; untold_ -= Seconds{1})
    if (!tick_()) return fail(Errc::canceled, "stopped");
  return {};
}

}  // namespace perch::bench
