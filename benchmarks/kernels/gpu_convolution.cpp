#include "tern/benchmarks/kernels/gpu_convolution.h"

#include "tern/benchmarks/kernels/packed_operation.h"
#include "tern/benchmarks/support/operation.h"
#include "tern/benchmarks/support/peer.h"
#include "tern/core/device_scope.h"
#include "tern/kernels/cast.h"
#include "tern/kernels/precision.h"
#include "tern/kernels/ternary_conv2d.h"

#if defined(TERN_WITH_CUDA) && !defined(TERN_EMULATED_CUDA)
#define TERN_WITH_CUDNN
#include "tern/benchmarks/kernels/cudnn_int8_convolution.h"
#include "tern/kernels/cuda/convolution_plan.h"
#include "tern/kernels/cuda/cudnn.h"
#endif

namespace tern::bench {
namespace {

using GpuConvolution = std::function<Tensor(const Tensor& x, const Tensor& t)>;

/// x and t hold the problem's values, as whatever type `convolve` wants.
Implementation by_tensors(const std::string& name, Peak peak, const ConvolutionProblem& problem,
                          const Tensor& x, const Tensor& t, Device device, const GpuConvolution& convolve) {
  const Operation operation{{x, t},
                            [=](Tensors& in) { return Tensors{convolve(in[0], in[1])}; },
                            [=](const Tensors&) { return std::vector<Values>{exact_values(problem)}; }};
  return implementation(name, peak, operation, device);
}

#ifdef TERN_WITH_CUDNN
GpuConvolution float_convolution(const ConvolutionProblem& problem, kernels::FloatPrecision precision) {
  return [=](const Tensor& x, const Tensor& t) {
    kernels::set_float_precision(precision);  // for the process: runs of all alternate
    Tensor y = kernels::conv2d(x, t, Tensor(), problem.parameters);
    kernels::set_float_precision(kernels::FloatPrecision::fp32);
    return y;
  };
}

std::string engine_of(const ConvolutionProblem& problem, DType dtype, kernels::FloatPrecision precision,
                      Device device) {
  using namespace kernels::cuda;
  const DeviceScope scope(device, "conv2d");
  const auto plan = ConvolutionPlan::find("conv2d", {ConvolutionPass::forward, problem.x, problem.t,
                                                     problem.output(), dtype, problem.parameters, precision});
  return plan ? plan->engine() : "";
}

std::vector<Implementation> by_cudnn(const ConvolutionProblem& problem, Device device) {
  using kernels::FloatPrecision;
  const ConvolutionOperands o(problem);
  const auto floats = [&](const std::string& name, DType dtype, FloatPrecision precision) {
    return peer(name, [&] {
      (void)kernels::cuda::cudnn();  // a row that is skipped where it cannot be loaded
      Implementation row =
          by_tensors(name, Peak::fp32_fma, problem, kernels::cast(o.x, dtype), kernels::cast(o.t, dtype),
                     device, float_convolution(problem, precision));
      row.code = engine_of(problem, dtype, precision, device);
      return row;
    });
  };
  const auto bytes = [&](const std::string& name, CudnnOutput output) {
    return peer(name, [&] { return cudnn_int8(name, output, problem, device); });
  };
  return {floats("cudnn_fp32", DType::f32, FloatPrecision::fp32),
          floats("cudnn_tf32", DType::f32, FloatPrecision::tf32),
          floats("cudnn_bf16", DType::bf16, FloatPrecision::bf16), bytes("cudnn_int8", CudnnOutput::exact),
          bytes("cudnn_int8_saturated", CudnnOutput::saturated)};
}
#endif

}  // namespace

std::vector<Implementation> gpu_convolutions(const ConvolutionProblem& problem, Device device) {
  const ConvolutionOperands o(problem);
  const auto ternary = [=](const Tensor& x, const Tensor& t) {
    return kernels::ternary_conv2d(x, t, problem.parameters);
  };
  std::vector<Implementation> all{by_tensors("tern", Peak::int8_dot, problem, o.x, o.t, device, ternary),
                                  packed_operation(problem, device)};
#ifdef TERN_WITH_CUDNN
  for (Implementation& each : by_cudnn(problem, device)) all.push_back(std::move(each));
#endif
  return all;
}

}  // namespace tern::bench
