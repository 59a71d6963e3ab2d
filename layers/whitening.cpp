#include "tern/layers/whitening.h"

#include <algorithm>
#include <cmath>

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/layers/symmetric_eigen.h"

namespace tern {
namespace {

constexpr double kLeastVariance = 5e-4;  // added to all, so that directions of mere noise stay small

std::size_t index(std::int64_t i) {
  return static_cast<std::size_t>(i);
}

}  // namespace

PatchStatistics::PatchStatistics(std::int64_t size, std::int64_t channels)
    : size_(size),
      channels_(channels),
      values_(size * size * channels),
      sums_(index(values_)),
      products_(index(values_ * values_)) {}

void PatchStatistics::add(const Tensor& images) {
  const Shape& shape = images.shape();
  require<ShapeError>(shape.rank() == 4 && shape[1] >= size_ && shape[2] >= size_ && shape[3] == channels_,
                      "PatchStatistics: images are {}, expected (N, H, W, {}) with H and W at least {}",
                      shape, channels_, size_);
  const std::int64_t row = shape[2] * channels_, patch_row = size_ * channels_;
  std::vector<double> patch(index(values_));
  for (std::int64_t i = 0; i < shape[0]; ++i) {
    for (std::int64_t y = 0; y + size_ <= shape[1]; ++y) {
      for (std::int64_t x = 0; x + size_ <= shape[2]; ++x) {
        const float* corner = images.data<float>() + (i * shape[1] + y) * row + x * channels_;
        for (std::int64_t k = 0; k < size_; ++k)
          std::copy_n(corner + k * row, patch_row, patch.begin() + k * patch_row);
        for (std::int64_t a = 0; a < values_; ++a) {
          const double value = patch[index(a)];
          sums_[index(a)] += value;
          double* products = products_.data() + a * values_;
          for (std::int64_t b = a; b < values_; ++b) products[b] += value * patch[index(b)];
        }
        ++count_;
      }
    }
  }
}

std::vector<double> PatchStatistics::mean() const {
  std::vector<double> mean = sums_;
  for (double& value : mean) value /= static_cast<double>(count_);
  return mean;
}

std::vector<double> PatchStatistics::covariance() const {
  require<DataError>(count_ > 0, "PatchStatistics: there is no patch yet");
  const std::vector<double> means = mean();
  std::vector<double> covariance(products_.size());
  for (std::int64_t a = 0; a < values_; ++a) {
    for (std::int64_t b = a; b < values_; ++b) {
      covariance[index(a * values_ + b)] = covariance[index(b * values_ + a)] =
          products_[index(a * values_ + b)] / static_cast<double>(count_) - means[index(a)] * means[index(b)];
    }
  }
  return covariance;
}

PatchMap whitening(const PatchStatistics& patches) {
  const std::vector<double> mean = patches.mean();
  const auto values = static_cast<std::int64_t>(mean.size());
  const SymmetricEigen eigen = symmetric_eigen(patches.covariance());
  PatchMap map{Tensor::empty({2 * values, patches.size(), patches.size(), patches.channels()}),
               Tensor::empty({2 * values})};
  for (std::int64_t k = 0; k < values; ++k) {
    const double* vector = eigen.vectors.data() + k * values;
    const auto larger = [](double a, double b) { return std::abs(a) < std::abs(b); };
    const double sign = *std::max_element(vector, vector + values, larger) < 0 ? -1 : 1;
    const double scale = sign / std::sqrt(std::max(eigen.values[index(k)], 0.0) + kLeastVariance);
    double of_mean = 0;
    for (std::int64_t i = 0; i < values; ++i) {
      const double weight = scale * vector[i];
      of_mean += weight * mean[index(i)];
      map.filters.data<float>()[k * values + i] = static_cast<float>(weight);
      map.filters.data<float>()[(values + k) * values + i] = static_cast<float>(-weight);
    }
    map.bias.data<float>()[k] = static_cast<float>(-of_mean);
    map.bias.data<float>()[values + k] = static_cast<float>(of_mean);
  }
  return map;
}

}  // namespace tern
