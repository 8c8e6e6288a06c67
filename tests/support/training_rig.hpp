#pragma once
#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "core/trainer.hpp"
#include "learn/train_message.hpp"
#include "learn/train_settings.hpp"
#include "support/program.hpp"

namespace perch::test {

/// A training in a folder of its own, on one thread, with what it said. @thread one
struct TrainingRig {
  TempFolder folder;
  learn::TrainSettings settings;
  std::atomic<bool> stop = false;
  SystemClock clock;
  std::vector<learn::TrainMessage> said;
  int stop_after = 0;  ///< as Ctrl-C after this epoch; 0: never

  /// Learns from `folder / "data"`, which the test writes.
  TrainingRig(std::string kind, std::string name, int epochs) {
    settings.kind = std::move(kind);
    settings.data = folder / "data";
    settings.out = folder / "out";
    settings.name = std::move(name);
    settings.epochs = epochs;
    settings.patience = 0;
    settings.threads = 1;
  }

  Result<trainer::Outcome> run(bool resume = false) {
    return trainer::train(
        settings, resume,
        [this](const learn::TrainMessage& message) {
          said.push_back(message);
          const auto* epoch = std::get_if<learn::TrainEpoch>(&message);
          if (epoch && epoch->epoch == stop_after) stop = true;
        },
        clock, stop);
  }

  bool said_problem(const std::string& part) const {
    for (const learn::TrainMessage& message : said)
      if (const auto* note = std::get_if<learn::TrainNote>(&message))
        if (note->problem && note->text.find(part) != std::string::npos) return true;
    return false;
  }

  /// Loss and metric of each epoch.
  std::vector<std::pair<double, double>> history() const {
    std::vector<std::pair<double, double>> out;
    for (const learn::TrainMessage& message : said)
      if (const auto* epoch = std::get_if<learn::TrainEpoch>(&message)) out.emplace_back(epoch->loss, epoch->metric);
    return out;
  }
};

}  // namespace perch::test
