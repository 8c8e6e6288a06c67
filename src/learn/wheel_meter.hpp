#pragma once
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "learn/dataset.hpp"
#include "learn/report.hpp"
#include "model/model.hpp"

namespace perch::learn {

/// Places around a wheel, in tenths of a digit: 9.9 is next to 0.0.
inline constexpr int kWheelPlaces = 100;

/// The nearest place to a position, 0 ≤ place < `kWheelPlaces`. @param position  in digits, not below 0
int wheel_place(double position);

/// How many tenths apart two places are, the shorter way around. @thread any
int places_apart(int a, int b);

/// How often a reader of wheels is right, altogether and by meter. Right is within a tenth, around the circle.
class WheelMeter {
 public:
  /// @param picture   for the mistakes
  /// @param meter     which one it was, for a figure of its own; empty: not known
  /// @param position  where the wheel stands, 0 ≤ position < 10
  /// @param p         a probability a place: 100 tenths, or 10 whole digits
  void add(const std::string& picture, const std::string& meter, double position, std::span<const float> p);

  std::size_t count() const { return answers_.size(); }

  /// Share of the wheels that are read rightly; 0 when there are none.
  double within_a_tenth() const;

  /// Writes `within a tenth` of all and of each meter (`meter=NAME`), `exact`, `mean certainty` (the probability of the
  /// answer and the places beside it), the confusion of whole digits, precision and recall against the certainty, and
  /// the mistakes, those that it was surest of first.
  void write(TrainReport& report) const;

 private:
  struct Share {
    std::int64_t right = 0, count = 0;

    double value() const { return count > 0 ? static_cast<double>(right) / static_cast<double>(count) : 0; }
  };

  Share right_, exact_;
  std::map<std::string, Share> by_meter_;
  double certain_ = 0;                                                    ///< sum over the answers
  std::map<std::pair<std::size_t, std::size_t>, std::int64_t> confused_;  ///< truth, answer → how often
  std::vector<Answer> answers_;
  std::vector<Mistake> mistakes_;
};

/// Looks at every labelled wheel of some splits of a data set with a published model, from the pictures' bytes as
/// `perch run` does; a meter is a group of the data set. A picture that cannot be read is handed to `left_out`.
/// @param progress  told after each picture
/// Errors: mismatch (the model, or the data set, is for another task), those of the model. @thread any, blocks
Result<WheelMeter> measure_wheels(const std::shared_ptr<const model::Model>& model, const Dataset& data,
                                  std::span<const Split> splits, const std::function<void(Error)>& left_out = {},
                                  const std::function<void()>& progress = {});

}  // namespace perch::learn
