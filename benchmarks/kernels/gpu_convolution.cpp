#include "benchmarks/kernels/gpu_convolution.h"

#include "benchmarks/kernels/packed_operation.h"
#include "benchmarks/support/machine.h"
#include "benchmarks/support/operation.h"
#include "kernels/cast.h"
#include "kernels/precision.h"
#include "kernels/ternary_conv2d.h"
#include "tests/support/compare.h"

namespace tern::bench {
namespace {

using Convolution = std::function<Tensor(const Tensor& x, const Tensor& t)>;

/// x and t hold the problem's values, as whatever type `convolve` wants.
Implementation by_tensors(const std::string& name, Peak peak, const ConvolutionProblem& problem,
                          const Tensor& x, const Tensor& t, Device device, const Convolution& convolve) {
  const Operation operation{{x, t},
                            [=](Tensors& in) { return Tensors{convolve(in[0], in[1])}; },
                            [=](const Tensors&) { return std::vector<Values>{exact_values(problem)}; }};
  return implementation(name, peak, operation, device);
}

Convolution float_convolution(const ConvolutionProblem& problem, kernels::FloatPrecision precision) {
  return [=](const Tensor& x, const Tensor& t) {
    kernels::set_float_precision(precision);  // for the process: runs of both alternate
    Tensor y = kernels::conv2d(x, t, Tensor(), problem.parameters);
    kernels::set_float_precision(kernels::FloatPrecision::fp32);
    return y;
  };
}

}  // namespace

std::vector<Implementation> gpu_convolutions(const ConvolutionProblem& problem, Device device) {
  const ConvolutionOperands o(problem);
  const auto ternary = [=](const Tensor& x, const Tensor& t) {
    return kernels::ternary_conv2d(x, t, problem.parameters);
  };
  std::vector<Implementation> all{by_tensors("tern", Peak::int8_dot, problem, o.x, o.t, device, ternary),
                                  packed_operation(problem, device)};
  if (is_emulated(device)) return all;
  const Tensor x = test::converted<float>(o.x), t = test::converted<float>(o.t);
  for (const auto& [name, precision] : {std::pair("cudnn_fp32", kernels::FloatPrecision::fp32),
                                        std::pair("cudnn_tf32", kernels::FloatPrecision::tf32)}) {
    all.push_back(
        by_tensors(name, Peak::fp32_fma, problem, x, t, device, float_convolution(problem, precision)));
  }
  const auto bf16 = [=](const Tensor& a, const Tensor& b) {
    return kernels::conv2d(a, b, Tensor(), problem.parameters);
  };
  all.push_back(by_tensors("cudnn_bf16", Peak::fp32_fma, problem, kernels::cast(x, DType::bf16),
                           kernels::cast(t, DType::bf16), device, bf16));
  return all;
}

}  // namespace tern::bench
