#pragma once

#include "tern/kernels/pool_window.h"
#include "tern/layers/functions/batch_norm.h"
#include "tern/layers/functions/conv2d.h"

namespace tern {

/// prelu(batch_norm(conv2d(x, w)), slope), the stem of a network, equal to the bit; of the dtype of x. For
/// its backward it keeps x alone and computes the convolution and the batch norm again: at the full
/// resolution their outputs are the largest of the network, and the convolution, from three channels, among
/// the cheapest. w must not change before backward.
Variable conv2d_batch_norm_prelu(const Variable& x, const Variable& w, const Conv2dParameters& parameters,
                                 BatchNormArguments arguments, const Variable& slope);

/// max_pool2d of the same, of which it keeps the positions of the maxima, too.
Variable conv2d_batch_norm_prelu_max_pool2d(const Variable& x, const Variable& w,
                                            const Conv2dParameters& parameters, BatchNormArguments arguments,
                                            const Variable& slope, const kernels::PoolWindow& window);

}  // namespace tern
