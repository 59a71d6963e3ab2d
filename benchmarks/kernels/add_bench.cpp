#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/add.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

Values sums(const Tensors& in) {
  const auto *a = in[0].data<float>(), *b = in[1].data<float>();
  return generate(in[0].numel(), [=](std::int64_t i) { return double{a[i]} + b[i]; });
}

std::vector<Case> add_cases(Scale scale) {
  const Shape shape = activation_shape(scale);
  const auto with = [shape](std::function<Tensors(Tensors&)> run) {
    return Operation{{test::random_tensor(shape, 1), test::random_tensor(shape, 2)},
                     std::move(run),
                     [](const Tensors& in) { return std::vector<Values>{sums(in)}; }};
  };
  return {operation("add", shape,
                    [=] { return with([](Tensors& in) { return Tensors{kernels::add(in[0], in[1])}; }); }),
          operation("accumulate", shape, [=] {
            return with([](Tensors& in) {
              kernels::accumulate(in[0], in[1]);
              return Tensors{in[0]};
            });
          })};
}

const CaseGroup kAdd("op/add", &add_cases);

}  // namespace
}  // namespace tern::bench
