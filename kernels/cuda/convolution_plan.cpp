#include "kernels/cuda/convolution_plan.h"

#include <algorithm>

#include "core/cuda/runtime.h"
#include "core/error.h"
#include "core/format.h"
#include "kernels/cuda/cudnn.h"

namespace tern::kernels::cuda {
namespace {

enum TensorId : std::int64_t { kX = 1, kW, kY };

// Images NHWC and weights OHWI alike: cuDNN names dimensions in the order N, C, H, W (O, I, H, W), and the
// strides tell the layout.
CudnnDescriptor tensor(TensorId id, const Shape& shape, DType dtype) {
  const std::int64_t height = shape[1], width = shape[2], channels = shape[3];
  CudnnDescriptor descriptor(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  descriptor.set(CUDNN_ATTR_TENSOR_UNIQUE_ID, std::int64_t{id})
      .set(CUDNN_ATTR_TENSOR_DATA_TYPE, dtype == DType::bf16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT)
      .set(CUDNN_ATTR_TENSOR_DIMENSIONS, std::vector<std::int64_t>{shape[0], channels, height, width})
      .set(CUDNN_ATTR_TENSOR_STRIDES,
           std::vector<std::int64_t>{height * width * channels, 1, width * channels, channels})
      .set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, std::int64_t{16})
      .finalize();
  return descriptor;
}

CudnnDescriptor convolution(const Conv2dParameters& p) {
  const std::vector<std::int64_t> stride(2, p.stride), padding(2, p.padding), dilation(2, 1);
  CudnnDescriptor descriptor(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
  descriptor.set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, std::int64_t{2})
      .set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_DATA_FLOAT)
      .set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_CROSS_CORRELATION)
      .set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, stride)
      .set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, padding)
      .set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, padding)
      .set(CUDNN_ATTR_CONVOLUTION_DILATIONS, dilation)
      .finalize();
  return descriptor;
}

// What the three passes call the same things.
struct OperationNames {
  cudnnBackendDescriptorType_t type;
  cudnnBackendAttributeName_t x, w, y, convolution, alpha, beta;
};

OperationNames operation_names(ConvolutionPass pass) {
  switch (pass) {
    case ConvolutionPass::forward:
      return {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA};
    case ConvolutionPass::backward_data:
      return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA};
    case ConvolutionPass::backward_weights:
      break;
  }
  return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA};
}

CudnnDescriptor graph_of(const ConvolutionProblem& problem) {
  const OperationNames names = operation_names(problem.pass);
  CudnnDescriptor operation(names.type);
  operation.set(names.x, tensor(kX, problem.x, problem.dtype))
      .set(names.w, tensor(kW, problem.w, problem.dtype))
      .set(names.y, tensor(kY, problem.y, problem.dtype))
      .set(names.convolution, convolution(problem.parameters))
      .set(names.alpha, 1.0F)
      .set(names.beta, 0.0F)
      .finalize();
  CudnnDescriptor graph(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
  graph.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, cudnn_handle())
      .set(CUDNN_ATTR_OPERATIONGRAPH_OPS, operation)
      .finalize();
  return graph;
}

// The heuristics' proposals, best first; the fallbacks are slower and take any shape.
std::vector<CudnnDescriptor> engine_configurations(const CudnnDescriptor& graph) {
  constexpr std::int64_t kMaxProposals = 64;
  std::vector<CudnnDescriptor> all;
  for (const auto mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK}) {
    CudnnDescriptor heuristics(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    heuristics.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph).set(CUDNN_ATTR_ENGINEHEUR_MODE, mode);
    if (!heuristics.try_finalize()) continue;
    for (CudnnDescriptor& configuration : heuristics.get_descriptors(
             CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, kMaxProposals)) {
      all.push_back(std::move(configuration));
    }
  }
  return all;
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
  constexpr std::int64_t kMaxWorkspaceBytes = std::int64_t{1} << 30;
  for (const CudnnDescriptor& configuration : engine_configurations(graph_of(problem))) {
    if (!is_allowed(configuration, problem)) continue;
    CudnnDescriptor plan(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
    plan.set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, cudnn_handle())
        .set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, configuration);
    if (!plan.try_finalize()) continue;
    const std::int64_t bytes = plan.get<std::int64_t>(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, 1).at(0);
    if (bytes > kMaxWorkspaceBytes) continue;
    return ConvolutionPlan(
        fmt::format("{} of {} x {}, w {}, stride {}, padding {}", op, problem.dtype, problem.x, problem.w,
                    problem.parameters.stride, problem.parameters.padding),
        plan, bytes);
  }
  return std::nullopt;
}

ConvolutionPlan::ConvolutionPlan(std::string description, CudnnDescriptor plan, std::int64_t workspace_bytes)
    : description_(std::move(description)), plan_(std::move(plan)), workspace_bytes_(workspace_bytes) {}

void ConvolutionPlan::execute(const Tensor& x, const Tensor& w, const Tensor& y) const {
  Tensor workspace = Tensor::empty({workspace_bytes_}, DType::u8, y.device());
  const std::vector<void*> pointers{const_cast<void*>(x.raw()), const_cast<void*>(w.raw()),
                                    const_cast<void*>(y.raw())};
  CudnnDescriptor arguments(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
  arguments.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, std::vector<std::int64_t>{kX, kW, kY})
      .set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, pointers)
      .set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, workspace.raw())
      .finalize();
  check_cudnn(cudnnBackendExecute(cudnn_handle(), plan_.raw(), arguments.raw()), description_.c_str(),
              __FILE__, __LINE__);
  ::tern::cuda::check_launch(description_.c_str(), __FILE__, __LINE__);
}

}  // namespace tern::kernels::cuda
