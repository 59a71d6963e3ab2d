#include "tern/kernels/cuda/convolution_plan.h"

#include <algorithm>

#include "tern/core/error.h"
#include "tern/core/format.h"

namespace tern::kernels::cuda {
namespace {

CudnnDescriptor operation_of(const ConvolutionProblem& problem) {
  return cudnn_convolution(problem.pass, cudnn_tensor(1, problem.x, problem.dtype),
                           cudnn_tensor(2, problem.w, problem.dtype),
                           cudnn_tensor(3, problem.y, problem.dtype), problem.parameters, DType::f32);
}

bool is_allowed(const CudnnDescriptor& configuration, const ConvolutionProblem& problem) {
  const std::vector<CudnnDescriptor> engine =
      configuration.get_descriptors(CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_BACKEND_ENGINE_DESCRIPTOR, 1);
  if (engine.empty()) return false;
  const auto notes = engine[0].get<cudnnBackendNumericalNote_t>(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE,
                                                                CUDNN_NUMERICAL_NOTE_TYPE_COUNT);
  return std::none_of(notes.begin(), notes.end(), [&](cudnnBackendNumericalNote_t note) {
    switch (note) {
      case CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC:
      case CUDNN_NUMERICAL_NOTE_FFT:
      case CUDNN_NUMERICAL_NOTE_WINOGRAD:
      case CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS:
      case CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION:
        return true;
      case CUDNN_NUMERICAL_NOTE_TENSOR_CORE:
        return problem.dtype == DType::f32 && problem.precision == FloatPrecision::fp32;
      default:
        return false;
    }
  });
}

}  // namespace

ConvolutionProblem::Key ConvolutionProblem::key() const {
  return {static_cast<std::int64_t>(pass),
          x[0],
          x[1],
          x[2],
          x[3],
          w[0],
          w[1],
          w[2],
          parameters.stride,
          parameters.padding,
          static_cast<std::int64_t>(precision),
          static_cast<std::int64_t>(dtype)};
}

std::optional<ConvolutionPlan> ConvolutionPlan::find(const char* op, const ConvolutionProblem& problem) {
  for (const CudnnDescriptor& configuration : engine_configurations({operation_of(problem)})) {
    if (!is_allowed(configuration, problem)) continue;
    const std::optional<CudnnPlan> plan = CudnnPlan::make(configuration);
    if (!plan) continue;
    return ConvolutionPlan(
        fmt::format("{} of {} x {}, w {}, stride {}, padding {}", op, problem.dtype, problem.x, problem.w,
                    problem.parameters.stride, problem.parameters.padding),
        *plan);
  }
  return std::nullopt;
}

ConvolutionPlan::ConvolutionPlan(std::string description, CudnnPlan plan)
    : description_(std::move(description)), plan_(std::move(plan)) {}

void ConvolutionPlan::execute(const Tensor& x, const Tensor& w, const Tensor& y) const {
  plan_.execute(description_, {x, w, y});
}

}  // namespace tern::kernels::cuda
