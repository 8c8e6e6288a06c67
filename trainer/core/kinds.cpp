#include <algorithm>
#include <array>

#include "anomaly/anomaly.hpp"
#include "base/assert.hpp"
#include "classify/classify.hpp"
#include "core/trainer.hpp"
#include "detect/detect.hpp"
#include "digits/digits.hpp"
#include "learn/train_kinds.hpp"

namespace perch::trainer {

namespace {

constexpr std::array kKinds{
    Kind{"anomaly", &train_anomaly},
    Kind{"classify", &train_classify},
    Kind{"detect", &train_detect},
    Kind{"digits", &train_digits},
};

static_assert(std::ranges::equal(kKinds, learn::kTrainKinds, {}, &Kind::name, &learn::TrainKind::name),
              "perch says that these can be trained");

}  // namespace

const Kind& find_kind(std::string_view name) {
  const auto kind = std::ranges::find(kKinds, name, &Kind::name);
  PERCH_ASSERT(kind != kKinds.end());
  return *kind;
}

}  // namespace perch::trainer
