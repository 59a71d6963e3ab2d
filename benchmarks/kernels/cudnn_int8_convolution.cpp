#include "tern/benchmarks/kernels/cudnn_int8_convolution.h"

#include <algorithm>
#include <memory>

#include "tern/benchmarks/support/operation.h"
#include "tern/benchmarks/support/peer.h"
#include "tern/core/device_scope.h"
#include "tern/core/error.h"
#include "tern/kernels/cuda/cudnn.h"
#include "tern/kernels/cuda/cudnn_convolution.h"
#include "tern/kernels/cuda/cudnn_plan.h"

namespace tern::bench {
namespace {

using namespace kernels::cuda;

// Of a graph: engines that are compiled at run time take about a second each to be ready.
constexpr std::size_t kMaxPlans = 6;

/// Two graphs mean the same: the convolution alone, and with a copy of each element behind it. With i32
/// output the heuristics of cuDNN 9.19 know little but fallbacks for the first; the second is a fusion to
/// cuDNN, which has tensor-core engines of its own for those.
enum class Form : std::uint8_t { alone, with_copy };

std::vector<CudnnDescriptor> operations(const ConvolutionProblem& problem, DType output, Form form) {
  const CudnnDescriptor x = cudnn_tensor(1, problem.x, DType::i8), w = cudnn_tensor(2, problem.t, DType::i8),
                        y = cudnn_tensor(3, problem.output(), output);
  const auto convolution = [&](const CudnnDescriptor& sums) {
    return cudnn_convolution(ConvolutionPass::forward, x, w, sums, problem.parameters, DType::i32);
  };
  if (form == Form::alone) return {convolution(y)};
  const CudnnDescriptor sums = cudnn_tensor(4, problem.output(), DType::i32, CudnnStorage::virtual_tensor);
  CudnnDescriptor identity(CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
  identity.set(CUDNN_ATTR_POINTWISE_MODE, CUDNN_POINTWISE_IDENTITY)
      .set(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_DATA_INT32)
      .finalize();
  CudnnDescriptor copy(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
  copy.set(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, identity)
      .set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, sums)
      .set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y)
      .finalize();
  return {convolution(sums), copy};
}

/// How the sums leave, and by which graph.
struct Way {
  DType output;
  Form form;
};

std::vector<Way> ways(CudnnOutput output) {
  if (output == CudnnOutput::saturated) return {{DType::i8, Form::alone}};
  return {{DType::i32, Form::alone}, {DType::f32, Form::alone}, {DType::i32, Form::with_copy}};
}

std::vector<CudnnPlan> plans(const ConvolutionProblem& problem, const Way& way, Device device) {
  const DeviceScope scope(device, "cudnn_int8");
  std::vector<CudnnPlan> result;
  for (const CudnnDescriptor& configuration :
       engine_configurations(operations(problem, way.output, way.form))) {
    if (const std::optional<CudnnPlan> plan = CudnnPlan::make(configuration)) result.push_back(*plan);
    if (result.size() == kMaxPlans) break;
  }
  return result;
}

using Expected = std::shared_ptr<const std::vector<Values>>;

Implementation by_plan(const std::string& name, const CudnnPlan& plan, const ConvolutionProblem& problem,
                       DType output, const Expected& expected, Device device) {
  const ConvolutionOperands operands(problem);
  const auto run = [=](const Tensors& in) {
    const DeviceScope scope(device, "cudnn_int8");
    const Tensor z = Tensor::empty(problem.output(), output, device);
    plan.execute(name, {in[0], in[1], z});
    return Tensors{z};
  };
  const Operation operation{{operands.x, operands.t}, run, [=](const Tensors&) { return *expected; }};
  Implementation row = implementation(name, Peak::int8_dot, operation, device);
  row.code = fmt::format("workspace {:.1f} MB", static_cast<double>(plan.workspace_bytes()) / 1e6);
  return row;
}

Expected expected_values(CudnnOutput output, const ConvolutionProblem& problem) {
  Values sums = exact_values(problem);
  if (output == CudnnOutput::saturated) {
    for (double& sum : sums) sum = std::clamp(sum, -128.0, 127.0);
  }
  return std::make_shared<const std::vector<Values>>(1, std::move(sums));
}

}  // namespace

Implementation cudnn_int8(const std::string& name, CudnnOutput output, const ConvolutionProblem& problem,
                          Device device) {
  const Expected expected = expected_values(output, problem);
  std::vector<Implementation> candidates;
  std::string refusal = "it has no engine for this";
  for (const Way& way : ways(output)) {
    try {
      for (const CudnnPlan& plan : plans(problem, way, device)) {
        candidates.push_back(
            peer(name, [&] { return by_plan(name, plan, problem, way.output, expected, device); }));
      }
    } catch (const DeviceError& e) {
      refusal = e.what();
    }
  }
  require<DeviceError>(!candidates.empty(), "cuDNN {}: {}", cudnn().get_version(), refusal);
  return fastest(candidates, device);
}

}  // namespace tern::bench
