#include <array>

#include "anomaly/anomaly.hpp"
#include "classify/classify.hpp"
#include "core/trainer.hpp"
#include "detect/detect.hpp"
#include "digits/digits.hpp"

namespace perch::trainer {

namespace {

constexpr std::array kKinds{
    Kind{"anomaly", "learns what is normal, and says how unusual a frame is and where", &train_anomaly},
    Kind{"classify", "tells what the whole of a picture shows", &train_classify},
    Kind{"detect", "finds things and their boxes", &train_detect},
    Kind{"digits", "reads a roller's position in tenths", &train_digits},
};

}  // namespace

std::span<const Kind> kinds() {
  return kKinds;
}

}  // namespace perch::trainer
