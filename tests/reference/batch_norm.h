// Batch norm in double, as its definition reads. Element i of a tensor (..., C) belongs to channel i % C.
#pragma once

#include <vector>

#include "tern/core/tensor.h"

namespace tern::reference {

struct Statistics {
  std::vector<double> mean;      // (C)
  std::vector<double> variance;  // (C), biased
};

/// Two passes: the variance is the mean square of the differences from the mean.
Statistics channel_statistics(const Tensor& x);

/// Per-channel numbers of a normalisation: y = (x - mean) * inv_std * gamma + beta.
struct Normalisation {
  std::vector<double> mean, inv_std, gamma, beta;
};

std::vector<double> batch_norm(const Tensor& x, const Normalisation& terms);

struct Gradients {
  std::vector<double> dx, dgamma, dbeta;
};

/// With `batch_statistics`, mean and inv_std are functions of x; else they are constants.
Gradients batch_norm_backward(const Tensor& dy, const Tensor& x, const Normalisation& terms,
                              bool batch_statistics);

}  // namespace tern::reference
