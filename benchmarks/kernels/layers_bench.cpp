// Ternary convolutions beside their peers, ResNet-18's and small ones: the default set.
#include <fmt/format.h>

#include "tern/benchmarks/kernels/convolution_problem.h"
#include "tern/benchmarks/kernels/gpu_convolution.h"
#include "tern/benchmarks/kernels/onednn_convolution.h"
#include "tern/benchmarks/kernels/packed_convolution.h"

namespace tern::bench {
namespace {

std::vector<Implementation> on_cpu(const ConvolutionProblem& problem) {
  return {packed_convolution(problem), packed_fused_convolution(problem), onednn_int8(problem),
          onednn_int8_fused(problem), onednn_fp32(problem)};
}

using Problems = std::vector<ConvolutionProblem> (*)(Scale scale, std::int64_t batch);

std::vector<Case> cases_of(const char* group, Problems problems, Scale scale) {
  std::vector<Case> cases;
  for (const std::int64_t batch : {1, 16}) {
    for (const ConvolutionProblem& problem : problems(scale, batch)) {
      const auto prepare = [problem](Device device) {
        return device.type == DeviceType::cpu ? on_cpu(problem) : gpu_convolutions(problem, device);
      };
      cases.push_back({fmt::format("{}/{}/batch{}", group, problem.name(), batch),
                       fmt::format("{} * {}", to_string(problem.x), to_string(problem.t)), batch,
                       problem.macs(), prepare});
    }
  }
  return cases;
}

std::vector<Case> layer_cases(Scale scale) {
  return cases_of("layer", &resnet18_layers, scale);
}
std::vector<Case> small_layer_cases(Scale scale) {
  return cases_of("small_layer", &small_layers, scale);
}

const CaseGroup kLayers("layer", &layer_cases, true);
const CaseGroup kSmallGroup("small_layer", &small_layer_cases, true);

}  // namespace
}  // namespace tern::bench
