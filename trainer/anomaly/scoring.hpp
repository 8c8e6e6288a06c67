#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

/// How far a feature lies from all that is normal: two ways, of which a training takes the better. Pure, plain C++17.
namespace perch::trainer {

/// Feature vectors, one after the other.
struct FeatureSet {
  std::size_t size = 0;  ///< values a vector
  std::vector<float> values;

  std::size_t count() const { return size == 0 ? 0 : values.size() / size; }

  const float* at(std::size_t i) const { return values.data() + i * size; }
};

/// y = weights · f + bias, with one row of `weights` for each value of y.
struct Affine {
  std::size_t rows = 0, cols = 0;
  std::vector<float> weights;  ///< [rows][cols]
  std::vector<float> bias;     ///< [rows]

  std::vector<double> apply(const float* feature) const;
};

/// Added to a squared distance before its root is taken, so that the root is as exact in a model's 32-bit numbers near
/// 0 as anywhere.
inline constexpr double kRootGuard = 0.1;

/// The distance sqrt((f − μ)ᵀ Σ⁻¹ (f − μ) + guard) as the length of an affine map's result. The covariance is shrunk
/// towards its diagonal mean, so that features that hardly vary do not explode.
/// Source: Lee et al., "A Simple Unified Framework for Detecting Out-of-Distribution Samples" (2018).
/// @pre at least one feature
Affine whitening(const FeatureSet& normal, double shrinkage = 1e-3);

double mahalanobis(const Affine& whitening, const float* feature);

/// A memory of normal features, each value divided by its spread, thinned greedily so that what is left out lies near
/// what is kept: the farthest from all kept ones comes next.
/// Source: Roth et al., "Towards Total Recall in Industrial Anomaly Detection" (2022).
struct Memory {
  std::vector<float> gain;  ///< each value of a feature is multiplied by
  FeatureSet kept;          ///< scaled

  /// sqrt(the smallest squared distance to a kept feature + guard).
  double distance(const float* feature) const;
};

/// @param most  features kept. @param seed  chooses the first. @pre at least one feature
Memory remember(const FeatureSet& normal, std::size_t most, std::uint64_t seed);

}  // namespace perch::trainer
