#include "train/view.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "base/text.hpp"

namespace perch::cli {

namespace {

constexpr int kBarWidth = 30;

std::string duration(double seconds) {
  if (std::lround(seconds) < 1) return "under 1 s";
  return format_duration(std::chrono::duration_cast<Nanoseconds>(std::chrono::seconds(std::lround(seconds))));
}

}  // namespace

std::string line_of(const learn::TrainEpoch& epoch) {
  return fmt::format("epoch {}/{}  loss {:.3f}  {} {:.3f}  best {:.3f} (epoch {})  {} left", epoch.epoch, epoch.epochs,
                     epoch.loss, epoch.metric_name, epoch.metric, epoch.best, epoch.best_epoch, duration(epoch.left_s));
}

void TrainView::show(const learn::TrainMessage& message) {
  std::visit([this](const auto& m) { on(m); }, message);
  std::fflush(stdout);
}

void TrainView::hide() {
  if (!visible_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  visible_ = false;
}

void TrainView::draw(double done, double loss, double left_s) {
  if (!terminal_) return;
  const auto filled = static_cast<int>(std::clamp(done, 0.0, 1.0) * kBarWidth);
  std::string bar;
  for (int i = 0; i < kBarWidth; ++i) bar += i < filled ? "█" : "░";
  fmt::print(stderr, "\r\x1b[K{} {:3.0f} %  loss {:.3f}{}  {} left", bar, done * 100, loss, metric_, duration(left_s));
  std::fflush(stderr);
  visible_ = true;
}

void TrainView::on(const learn::TrainStart& start) {
  fmt::print("{}: {} pictures to learn from, {} to measure with{}\n", start.name, start.train, start.held_out,
             start.first_epoch > 0 ? fmt::format("; goes on after epoch {}", start.first_epoch) : "");
}

void TrainView::on(const learn::TrainNote& note) {
  hide();
  fmt::print(stderr, "perch train: {}\n", note.text);
}

void TrainView::on(const learn::TrainStep& step) {
  draw(step.done, step.loss, step.left_s);
}

void TrainView::on(const learn::TrainEpoch& epoch) {
  metric_ = fmt::format("  {} {:.3f} (best {:.3f})", epoch.metric_name, epoch.metric, epoch.best);
  if (!terminal_ || epoch.best_epoch == epoch.epoch) {
    hide();
    fmt::print("{}\n", line_of(epoch));
  }
  draw(epoch.done, epoch.loss, epoch.left_s);
}

void TrainView::on(const learn::TrainDone& done) {
  hide();
  fmt::print("{} after {}: {}, {} {:.3f}; report {}\n", done.why, duration(done.seconds), done.model, done.metric_name,
             done.metric, done.report);
}

void TrainView::on(const learn::TrainFailed& failed) {
  hide();
  fmt::print(stderr, "perch train: {}\n", failed.text);
}

}  // namespace perch::cli
