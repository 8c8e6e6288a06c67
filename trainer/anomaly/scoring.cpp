#include "anomaly/scoring.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace perch::trainer {

namespace {

std::vector<double> mean_of(const FeatureSet& set) {
  std::vector<double> mean(set.size);
  for (std::size_t i = 0; i < set.count(); ++i)
    for (std::size_t k = 0; k < set.size; ++k) mean[k] += set.at(i)[k];
  for (double& value : mean) value /= static_cast<double>(set.count());
  return mean;
}

/// Row by row, symmetric.
std::vector<double> covariance_of(const FeatureSet& set, const std::vector<double>& mean) {
  const std::size_t n = set.size;
  std::vector<double> sum(n * n), away(n);
  for (std::size_t i = 0; i < set.count(); ++i) {
    for (std::size_t k = 0; k < n; ++k) away[k] = set.at(i)[k] - mean[k];
    for (std::size_t r = 0; r < n; ++r)
      for (std::size_t c = 0; c <= r; ++c) sum[r * n + c] += away[r] * away[c];
  }
  for (std::size_t r = 0; r < n; ++r)
    for (std::size_t c = 0; c <= r; ++c)
      sum[c * n + r] = sum[r * n + c] = sum[r * n + c] / static_cast<double>(set.count());
  return sum;
}

/// L of Σ = L · Lᵀ, in place in the lower triangle. @pre positive definite
void cholesky(std::vector<double>& matrix, std::size_t n) {
  for (std::size_t c = 0; c < n; ++c)
    for (std::size_t r = c; r < n; ++r) {
      double value = matrix[r * n + c];
      for (std::size_t k = 0; k < c; ++k) value -= matrix[r * n + k] * matrix[c * n + k];
      matrix[r * n + c] = r == c ? std::sqrt(value) : value / matrix[c * n + c];
    }
}

/// L⁻¹, row by row, of a lower triangle.
std::vector<double> inverse_of(const std::vector<double>& lower, std::size_t n) {
  std::vector<double> inverse(n * n);
  for (std::size_t c = 0; c < n; ++c)
    for (std::size_t r = c; r < n; ++r) {
      double value = r == c ? 1 : 0;
      for (std::size_t k = c; k < r; ++k) value -= lower[r * n + k] * inverse[k * n + c];
      inverse[r * n + c] = value / lower[r * n + r];
    }
  return inverse;
}

double squared_distance(const float* a, const float* b, std::size_t size) {
  float sum = 0;
  for (std::size_t k = 0; k < size; ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
  return static_cast<double>(sum);
}

}  // namespace

std::vector<double> Affine::apply(const float* feature) const {
  std::vector<double> out(bias.begin(), bias.end());
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < cols; ++c) out[r] += static_cast<double>(weights[r * cols + c]) * double{feature[c]};
  return out;
}

Affine whitening(const FeatureSet& normal, double shrinkage) {
  constexpr double kLeastVariance = 1e-9;
  const std::size_t n = normal.size;
  const std::vector<double> mean = mean_of(normal);
  std::vector<double> covariance = covariance_of(normal, mean);
  double trace = 0;
  for (std::size_t k = 0; k < n; ++k) trace += covariance[k * n + k];
  const double level = std::max(trace / static_cast<double>(n), kLeastVariance);
  for (std::size_t i = 0; i < n * n; ++i) covariance[i] *= 1 - shrinkage;
  for (std::size_t k = 0; k < n; ++k) covariance[k * n + k] += shrinkage * level;
  cholesky(covariance, n);
  const std::vector<double> inverse = inverse_of(covariance, n);
  Affine map{n, n, std::vector<float>(n * n), std::vector<float>(n)};
  for (std::size_t r = 0; r < n; ++r) {
    double shift = 0;
    for (std::size_t c = 0; c < n; ++c) {
      map.weights[r * n + c] = static_cast<float>(inverse[r * n + c]);
      shift += inverse[r * n + c] * mean[c];
    }
    map.bias[r] = static_cast<float>(-shift);
  }
  return map;
}

double mahalanobis(const Affine& whitening, const float* feature) {
  double sum = kRootGuard;
  for (const double value : whitening.apply(feature)) sum += value * value;
  return std::sqrt(sum);
}

double Memory::distance(const float* feature) const {
  std::vector<float> scaled(kept.size);
  for (std::size_t k = 0; k < kept.size; ++k) scaled[k] = feature[k] * gain[k];
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < kept.count(); ++i)
    least = std::min(least, squared_distance(scaled.data(), kept.at(i), kept.size));
  return std::sqrt(least + kRootGuard);
}

Memory remember(const FeatureSet& normal, std::size_t most, std::uint64_t seed) {
  constexpr double kLeastSpread = 1e-3;
  const std::vector<double> mean = mean_of(normal);
  std::vector<double> variance(normal.size);
  for (std::size_t i = 0; i < normal.count(); ++i)
    for (std::size_t k = 0; k < normal.size; ++k) {
      const double away = normal.at(i)[k] - mean[k];
      variance[k] += away * away / static_cast<double>(normal.count());
    }
  Memory memory;
  for (const double v : variance) memory.gain.push_back(static_cast<float>(1 / std::max(std::sqrt(v), kLeastSpread)));
  FeatureSet scaled = normal;
  for (std::size_t i = 0; i < scaled.values.size(); ++i) scaled.values[i] *= memory.gain[i % normal.size];

  memory.kept.size = normal.size;
  std::vector<double> away(scaled.count(), std::numeric_limits<double>::infinity());
  std::size_t next = static_cast<std::size_t>(seed % scaled.count());
  while (memory.kept.count() < std::min(most, scaled.count())) {
    const float* chosen = scaled.at(next);
    memory.kept.values.insert(memory.kept.values.end(), chosen, chosen + scaled.size);
    for (std::size_t i = 0; i < scaled.count(); ++i)
      away[i] = std::min(away[i], squared_distance(scaled.at(i), chosen, scaled.size));
    next = static_cast<std::size_t>(std::max_element(away.begin(), away.end()) - away.begin());
    if (away[next] == 0) break;  // all others are alike
  }
  return memory;
}

}  // namespace perch::trainer
