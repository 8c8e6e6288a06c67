#pragma once
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "base/bytes.hpp"
#include "model/model.hpp"
#include "model/predictor.hpp"
#include "seam/registry.hpp"
#include "support/real_data.hpp"

/// What the tests of accuracy share: a real model on a real picture, as `perch run` does it.
namespace perch::accuracy {

/// The value of a result that the test cannot go on without.
template <class T>
T must(Result<T> result) {
  if (!result) FAIL(result.error().message());
  return std::move(*result);
}

inline void must(const Result<void>& result) {
  if (!result) FAIL(result.error().message());
}

inline std::shared_ptr<const model::Model> load_model(const std::string& file, const model::LoadOptions& options = {}) {
  Registry registry;
  describe_all(registry);
  return must(model::Model::load((test::real_data() / "models" / file).string(), registry, options));
}

/// What a model finds in a picture of the real data.
inline Findings look(model::Predictor& predictor, const std::filesystem::path& path,
                     std::span<const Region> regions = {}) {
  const Bytes bytes = must(read_file(test::real_data() / path));
  Findings findings;
  model::Timing timing;
  must(predictor.predict(bytes, regions, findings, timing));
  return findings;
}

}  // namespace perch::accuracy
