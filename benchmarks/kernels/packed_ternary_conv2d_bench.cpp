#include "tern/benchmarks/kernels/packed_operation.h"

namespace tern::bench {
namespace {

/// What the operation costs beside the kernel alone ("layer/..."): images are copied into a buffer with a
/// border, weights into the kernel's order.
std::vector<Case> packed_ternary_conv2d_cases(Scale scale) {
  std::vector<Case> all;
  for (const ConvolutionProblem& problem : resnet18_layers(scale, 1)) {
    const auto prepare = [problem](Device device) {
      return std::vector<Implementation>{packed_operation(problem, device)};
    };
    all.push_back(
        {"op/packed_ternary_conv2d/" + problem.name(), to_string(problem.x), 1, problem.macs(), prepare});
  }
  return all;
}

const CaseGroup kPackedTernaryConv2d("op/packed_ternary_conv2d", &packed_ternary_conv2d_cases);

}  // namespace
}  // namespace tern::bench
