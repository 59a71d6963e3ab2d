#pragma once

#include "tern/core/weight_levels.h"
#include "tern/kernels/conv2d.h"
#include "tern/layers/functions/integer_variable.h"
#include "tern/layers/functions/ternary_variable.h"

namespace tern {

using kernels::Conv2dParameters;

/// z = conv2d(x, t) of ternary values, exact integers: x i8 (N, H, W, I), t i8 (O, KH, KW, I), whose values
/// are `levels`; see kernels/ternary_conv2d.h. Differentiable in both, where they require a gradient; of x it
/// keeps the packed form.
Variable ternary_conv2d(const TernaryVariable& x, const Variable& t, const Conv2dParameters& parameters,
                        WeightLevels levels = WeightLevels::three);

/// The same; `with_sums` adds the sums that a batch norm in training needs.
IntegerVariable integer_convolution(const TernaryVariable& x, const Variable& t,
                                    const Conv2dParameters& parameters, bool with_sums,
                                    WeightLevels levels = WeightLevels::three);

/// scale * z + bias, f32: the output of a layer on its own. scale (O,), bias (O,) or undefined. One pass,
/// unless scale requires a gradient: that needs z.
Variable scaled_ternary_conv2d(const TernaryVariable& x, const Variable& t, const Variable& scale,
                               const Variable& bias, const Conv2dParameters& parameters,
                               WeightLevels levels = WeightLevels::three);

}  // namespace tern
