// Which engines cuDNN would run our float convolutions with on GPUs that are not here: it plans for a
// description.
//
//   cudnn_plans_test [--show]
//
// Sees, for the convolutions of ResNet-18 and of a CIFAR network, that each has a plan (convolution_plan.h
// says which are refused), and one on tensor cores where the mode allows them. --show prints all of them.
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "devices.h"
#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/kernels/cuda/convolution_plan.h"
#include "tern/kernels/cuda/cudnn.h"

using namespace tern;
using kernels::FloatPrecision;
using kernels::cuda::ConvolutionPass;
using kernels::cuda::ConvolutionPlan;
using kernels::cuda::ConvolutionProblem;
using kernels::cuda::CudnnTarget;

namespace {

struct Layer {
  std::int64_t size, in, out, kernel;
  int stride;
};

constexpr Layer kResNet18[] = {{224, 3, 64, 7, 2},   {56, 64, 64, 3, 1},   {56, 64, 128, 3, 2},
                               {56, 64, 128, 1, 2},  {28, 128, 128, 3, 1}, {28, 128, 256, 3, 2},
                               {28, 128, 256, 1, 2}, {14, 256, 256, 3, 1}, {14, 256, 512, 3, 2},
                               {14, 256, 512, 1, 2}, {7, 512, 512, 3, 1}};
constexpr Layer kCifar[] = {{32, 3, 16, 3, 1},  {32, 16, 16, 3, 1}, {32, 16, 32, 3, 2},
                            {16, 32, 32, 3, 1}, {16, 32, 64, 3, 2}, {8, 64, 64, 3, 1}};

// An operand's type and what tensor cores may do with it.
struct Mode {
  const char* name;
  DType dtype;
  FloatPrecision precision;
};
constexpr Mode kModes[] = {{"fp32", DType::f32, FloatPrecision::fp32},
                           {"tf32", DType::f32, FloatPrecision::tf32},
                           {"bf16", DType::bf16, FloatPrecision::bf16}};

struct Pass {
  const char* name;
  ConvolutionPass pass;
};
constexpr Pass kPasses[] = {{"conv2d", ConvolutionPass::forward},
                            {"conv2d_backward_data", ConvolutionPass::backward_data},
                            {"conv2d_backward_weights", ConvolutionPass::backward_weights}};

ConvolutionProblem problem_of(const Layer& layer, std::int64_t batch, const Pass& pass, const Mode& mode) {
  const kernels::Conv2dParameters parameters{layer.stride, static_cast<int>(layer.kernel / 2)};
  const Shape x{batch, layer.size, layer.size, layer.in}, w{layer.out, layer.kernel, layer.kernel, layer.in};
  return {
      pass.pass,     x, w, kernels::conv2d_output_shape(pass.name, x, w, parameters), mode.dtype, parameters,
      mode.precision};
}

class Check {
 public:
  explicit Check(bool show) : show_(show) {}

  void plans(const test::DescribedGpu& gpu, const Layer& layer, std::int64_t batch) {
    const CudnnTarget target(gpu.json);
    for (const Mode& mode : kModes) {
      // Where tensor cores do not know bf16, convolve_widened() takes f32.
      if (mode.dtype == DType::bf16 && !gpu.narrow_tensor_cores) continue;
      for (const Pass& pass : kPasses) plan(gpu, target, pass, mode, problem_of(layer, batch, pass, mode));
    }
  }

  int plans_checked() const { return checked_; }
  int wrong() const { return wrong_; }

 private:
  void plan(const test::DescribedGpu& gpu, const CudnnTarget& target, const Pass& pass, const Mode& mode,
            const ConvolutionProblem& problem) {
    ++checked_;
    const auto found = ConvolutionPlan::find(pass.name, problem, target);
    const bool wanted = mode.precision != FloatPrecision::fp32 && gpu.narrow_tensor_cores;
    const std::string what =
        found ? found->summary()
              : fmt::format("{} of {} x {}, w {}: no engine", pass.name, problem.dtype, problem.x, problem.w);
    const bool right = found && found->uses_tensor_cores() == wanted;
    if (!right) ++wrong_;
    if (show_ || !right) {
      std::printf("%s, %s: %s%s\n", gpu.name, mode.name, what.c_str(),
                  right || !found ? ""
                  : wanted        ? ", expected on tensor cores"
                                  : ", expected off tensor cores");
    }
  }

  bool show_;
  int checked_ = 0, wrong_ = 0;
};

}  // namespace

int main(int argc, char** argv) try {
  Check check(argc > 1 && std::strcmp(argv[1], "--show") == 0);
  for (const test::DescribedGpu& gpu : test::kGpus) {
    for (const Layer& layer : kResNet18) {
      for (const std::int64_t batch : {64, 256, 512}) check.plans(gpu, layer, batch);
    }
    for (const Layer& layer : kCifar) check.plans(gpu, layer, 128);
  }
  std::printf("cudnn_plans_test: %d plans of cuDNN %zu, %d wrong\n", check.plans_checked(),
              kernels::cuda::cudnn().get_version(), check.wrong());
  return check.wrong() == 0 ? 0 : 1;
} catch (const Error& error) {
  std::fprintf(stderr, "cudnn_plans_test: %s\n", error.what());
  return 1;
}
