#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/ternary_weights.h"
#include "tests/reference/ternary_weights.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

using kernels::WeightMethod;

/// What a method that learns a number per filter has before its first step; LSQ sets it from the weights.
Tensor first_learned(WeightMethod method, std::int64_t filters) {
  return Tensor::full({filters}, method == WeightMethod::lsq ? 0.0F : 0.7F);
}

Case forward(const std::string& name, WeightMethod method, const Shape& shape) {
  return operation(name, shape, [=] {
    Tensors inputs{test::random_tensor(shape, 1, -1.5F, 1.5F)};
    if (learns_per_filter(method)) inputs.push_back(first_learned(method, shape[0]));
    return Operation{inputs,
                     [=](Tensors& in) {
                       const auto t = kernels::ternary_weights(method, in[0],
                                                               learns_per_filter(method) ? in[1] : Tensor());
                       return Tensors{t.ternary, t.scale};
                     },
                     [=](const Tensors& in) {
                       const auto expected = reference::ternary_weights(method, in[0]);
                       return std::vector<Values>{expected.ternary, expected.scale};
                     }};
  });
}

Case backward(const std::string& name, WeightMethod method, const Shape& shape) {
  return operation(name, shape, [=] {
    const Tensor w = test::random_tensor(shape, 1, -1.5F, 1.5F);
    const Values scale = reference::ternary_weights(method, w).scale;
    return Operation{
        {test::random_tensor(shape, 2), w, Tensor::from<float>({shape[0]}, {scale.begin(), scale.end()}),
         first_learned(method, shape[0])},
        [=](Tensors& in) {
          const auto g = kernels::ternary_weights_backward(method, in[0], in[1], in[2],
                                                           learns_per_filter(method) ? in[3] : Tensor());
          return learns_per_filter(method) ? Tensors{g.dw, g.dlearned} : Tensors{g.dw};
        },
        [=](const Tensors& in) {
          const auto expected = reference::ternary_weights(method, in[1], in[0]);
          return learns_per_filter(method) ? std::vector<Values>{expected.dw, expected.dlearned}
                                           : std::vector<Values>{expected.dw};
        }};
  });
}

std::vector<Case> ternary_weights_cases(Scale scale) {
  const Shape shape = weight_shape(scale);
  std::vector<Case> all;
  for (const auto& [name, method] : {std::pair{"twn", WeightMethod::twn},
                                     {"lsq", WeightMethod::lsq},
                                     {"threshold", WeightMethod::threshold},
                                     {"binary", WeightMethod::binary}}) {
    all.push_back(forward(std::string("ternary_weights/") + name, method, shape));
    all.push_back(backward(std::string("ternary_weights_backward/") + name, method, shape));
  }
  return all;
}

const CaseGroup kTernaryWeights("op/ternary_weights", &ternary_weights_cases);

}  // namespace
}  // namespace tern::bench
