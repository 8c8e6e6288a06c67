#pragma once
#include <string>

#include "learn/train_message.hpp"

namespace perch::cli {

/// Shows how a training goes: on a terminal a bar with loss, metric and time left, and a line for each better model; in
/// a pipe one plain line an epoch. Lines go to standard output, the bar and problems to standard error. @thread main
class TrainView {
 public:
  /// @param terminal  whether standard error is one
  explicit TrainView(bool terminal) : terminal_(terminal) {}

  void show(const learn::TrainMessage& message);
  /// Takes the bar off the screen.
  void hide();

 private:
  void on(const learn::TrainStart& start);
  void on(const learn::TrainNote& note);
  void on(const learn::TrainStep& step);
  void on(const learn::TrainEpoch& epoch);
  void on(const learn::TrainDone& done);
  void on(const learn::TrainFailed& failed);
  void draw(double done, double loss, double left_s);

  bool terminal_;
  bool visible_ = false;
  std::string metric_;  ///< of the last epoch, as text
};

/// One plain line of an epoch.
std::string line_of(const learn::TrainEpoch& epoch);

}  // namespace perch::cli
