// On the CPU the integers are counted in bits.
#include "tern/kernels/ternary_conv2d.h"

#include "tern/kernels/channel_sums.h"
#include "tern/kernels/pack_ternary.h"
#include "tern/kernels/packed_ternary_conv2d.h"
#include "tern/kernels/scale_channels.h"

namespace tern::kernels::cpu {

void ternary_conv2d(const Tensor& x, const Tensor& t, const Conv2dParameters& parameters, WeightLevels levels,
                    Tensor& z) {
  const PackedTernary packed_x = kernels::pack_ternary(x);
  if (levels == WeightLevels::four) return packed_two_plane_conv2d(packed_x, t, parameters, z);
  packed_ternary_conv2d(packed_x, kernels::pack_ternary(t), parameters, z);
}

void ternary_conv2d_with_sums(const Tensor& x, const Tensor& t, const Conv2dParameters& parameters,
                              WeightLevels levels, Tensor& z, Tensor& sums) {
  ternary_conv2d(x, t, parameters, levels, z);
  channel_sums(z, sums);
}

void scaled_ternary_conv2d(const Tensor& x, const Tensor& t, const Tensor& scale, const Tensor& bias,
                           const Conv2dParameters& parameters, WeightLevels levels, Tensor& y) {
  Tensor z = Tensor::empty(y.shape(), ternary_conv2d_dtype(t.shape(), levels));
  ternary_conv2d(x, t, parameters, levels, z);
  scale_channels(z, scale, bias, y);
}

}  // namespace tern::kernels::cpu
