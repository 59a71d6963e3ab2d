// The ternary convolution of packed values, two bits each. The CPU always computes it this way
// (kernels/cpu/packed); a GPU does for inference with batches so small that reading the weights takes most of
// the time.
//
// x (N, H, W, I), t (O, KH, KW, I) and z (N, HO, WO, O) as in kernels/ternary_conv2d.h, which gives the same
// integers. With m the positions where both values are not 0, and d those of m where the signs differ, a sum
// of products is popcount(m) - 2 * popcount(d).
#pragma once

#include "tern/kernels/ternary_conv2d.h"

namespace tern::kernels {

Tensor packed_ternary_conv2d(const PackedTernary& x, const PackedTernary& t,
                             const Conv2dParameters& parameters);

namespace cpu {
void packed_ternary_conv2d(const PackedTernary& x, const PackedTernary& t, const Conv2dParameters& parameters,
                           Tensor& z);
/// The same for weights t of WeightLevels::four, as they are: the bits are counted for two ternary planes.
void packed_two_plane_conv2d(const PackedTernary& x, const Tensor& t, const Conv2dParameters& parameters,
                             Tensor& z);
}  // namespace cpu

namespace cuda {
void packed_ternary_conv2d(const PackedTernary& x, const PackedTernary& t, const Conv2dParameters& parameters,
                           Tensor& z);
}  // namespace cuda

}  // namespace tern::kernels
