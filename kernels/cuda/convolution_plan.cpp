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

using Notes = std::vector<cudnnBackendNumericalNote_t>;

std::vector<CudnnDescriptor> engine_of(const CudnnDescriptor& configuration) {
  return configuration.get_descriptors(CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_BACKEND_ENGINE_DESCRIPTOR, 1);
}

Notes notes_of(const CudnnDescriptor& engine) {
  return engine.get<cudnnBackendNumericalNote_t>(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE,
                                                 CUDNN_NUMERICAL_NOTE_TYPE_COUNT);
}

bool has(const Notes& notes, cudnnBackendNumericalNote_t note) {
  return std::find(notes.begin(), notes.end(), note) != notes.end();
}

bool allows_tensor_cores(const ConvolutionProblem& problem) {
  return problem.dtype != DType::f32 || problem.precision != FloatPrecision::fp32;
}

bool is_allowed(const Notes& notes, const ConvolutionProblem& problem) {
  return std::none_of(notes.begin(), notes.end(), [&](cudnnBackendNumericalNote_t note) {
    switch (note) {
      case CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC:
      case CUDNN_NUMERICAL_NOTE_FFT:
      case CUDNN_NUMERICAL_NOTE_WINOGRAD:
      case CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_4x4:
      case CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_6x6:
      case CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_13x13:
      case CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS:
      case CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION:
        return true;
      case CUDNN_NUMERICAL_NOTE_TENSOR_CORE:
        return !allows_tensor_cores(problem);
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

// The weight gradient of the first convolution of a ResNet, of f32 by tensor cores, takes a little more than
// its operands.
std::int64_t ConvolutionProblem::max_workspace_bytes() const {
  const std::int64_t operands =
      (x.numel() + w.numel() + y.numel()) * static_cast<std::int64_t>(size_of(dtype));
  return std::max(CudnnPlan::kGibibyte, operands + operands / 2);
}

std::optional<ConvolutionPlan> ConvolutionPlan::find(const char* op, const ConvolutionProblem& problem,
                                                     const CudnnTarget& target) {
  std::optional<ConvolutionPlan> off_tensor_cores;
  for (const CudnnDescriptor& configuration : engine_configurations({operation_of(problem)}, target)) {
    const std::vector<CudnnDescriptor> engines = engine_of(configuration);
    if (engines.empty()) continue;
    const CudnnDescriptor& engine = engines.front();
    const Notes notes = notes_of(engine);
    const bool tensor_cores = has(notes, CUDNN_NUMERICAL_NOTE_TENSOR_CORE);
    if (!is_allowed(notes, problem) || (!tensor_cores && off_tensor_cores)) continue;
    std::optional<CudnnPlan> plan = CudnnPlan::make(configuration, problem.max_workspace_bytes(), target);
    if (!plan) continue;
    ConvolutionPlan found(
        fmt::format("{} of {} x {}, w {}, stride {}, padding {}", op, problem.dtype, problem.x, problem.w,
                    problem.parameters.stride, problem.parameters.padding),
        engine.get<std::int64_t>(CUDNN_ATTR_ENGINE_GLOBAL_INDEX, 1).at(0), tensor_cores, std::move(*plan));
    if (tensor_cores || !allows_tensor_cores(problem)) return found;
    off_tensor_cores = std::move(found);
  }
  return off_tensor_cores;
}

ConvolutionPlan::ConvolutionPlan(std::string description, std::int64_t engine, bool uses_tensor_cores,
                                 CudnnPlan plan)
    : description_(std::move(description)),
      engine_number_(engine),
      uses_tensor_cores_(uses_tensor_cores),
      plan_(std::move(plan)) {}

std::string ConvolutionPlan::summary() const {
  return fmt::format("{}: {}", description_, engine());
}

std::string ConvolutionPlan::engine() const {
  return fmt::format("engine {}{}, workspace {:.1f} MB", engine_number_,
                     uses_tensor_cores_ ? " on tensor cores" : "",
                     static_cast<double>(workspace_bytes()) / 1e6);
}

void ConvolutionPlan::execute(const Tensor& x, const Tensor& w, const Tensor& y) const {
  plan_.execute(description_, {x, w, y});
}

}  // namespace tern::kernels::cuda
