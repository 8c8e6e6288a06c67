#include <array>

#include "core/trainer.hpp"
#include "detect/detect.hpp"

namespace perch::trainer {

namespace {

constexpr std::array kKinds{
    Kind{"detect", "finds things and their boxes", &train_detect},
};

}  // namespace

std::span<const Kind> kinds() {
  return kKinds;
}

}  // namespace perch::trainer
