#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/cast.h"
#include "tests/support/compare.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

std::vector<Case> cast_cases(Scale scale) {
  const Shape shape = activation_shape(scale);
  const auto cast = [shape](DType from, DType to) {
    return [=] {
      const Tensor x = test::random_tensor(shape, 1);
      return Operation{{kernels::cast(x, from)},
                       [to](Tensors& in) { return Tensors{kernels::cast(in[0], to)}; },
                       [](const Tensors& in) { return std::vector<Values>{test::as_doubles(in[0])}; }};
    };
  };
  return {operation("cast_f32_to_bf16", shape, cast(DType::f32, DType::bf16)),
          operation("cast_bf16_to_f32", shape, cast(DType::bf16, DType::f32))};
}

const CaseGroup kCast("op/cast", &cast_cases);

}  // namespace
}  // namespace tern::bench
