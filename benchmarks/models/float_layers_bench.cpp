// Layers in floats as the engine runs them: networks of one convolution, or one linear layer, whose result
// the global average pool makes a vector of.
#include <fmt/format.h>

#include <memory>

#include "tern/benchmarks/kernels/convolution_problem.h"
#include "tern/benchmarks/kernels/onednn_convolution.h"
#include "tern/benchmarks/support/operation.h"
#include "tern/core/byte_source.h"
#include "tern/core/parallel.h"
#include "tern/layers/graph/builder.h"
#include "tern/models/engine/engine.h"
#include "tern/models/graph_module.h"
#include "tern/models/model_file.h"
#include "tests/support/compare.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

MergedNetwork one_layer(const ConvolutionProblem& problem) {
  GraphBuilder builder;
  const auto [stride, padding] = problem.parameters;
  const Value image = builder.input({problem.x[1], problem.x[2], problem.x[3]});
  const Value y = builder.conv2d("conv", image, problem.t[0],
                                 graph::Window::square(problem.t[1], stride, padding), false);
  return {std::move(builder).finish(builder.global_avg_pool2d("mean", y)),
          {{"conv.weight", test::random_tensor(problem.t, 1)}}};
}

/// A linear layer is the convolution of one pixel.
MergedNetwork one_linear(const ConvolutionProblem& problem) {
  GraphBuilder builder;
  const Value image = builder.input({1, 1, problem.x[3]});
  const Value y = builder.linear("fc", builder.flatten("flatten", image), problem.t[0], false);
  return {std::move(builder).finish(y),
          {{"fc.weight", test::random_tensor({problem.t[0], problem.t[3]}, 1)}}};
}

/// "tern_engine". Its results are held against those of the layers of training.
Implementation in_engine(const MergedNetwork& network, const ConvolutionProblem& problem) {
  struct State {
    std::unique_ptr<engine::Engine> engine;
    Tensor y;
  };
  const auto state = std::make_shared<State>();
  const std::string file = merged_bytes(network, {});
  state->engine =
      std::make_unique<engine::Engine>(*memory_source(file.data(), file.size(), "layer"), thread_count());
  state->y = Tensor::empty({1, problem.t[0]});
  const Tensor x = test::random_tensor(problem.x, 2);
  const auto run = [=](std::size_t) { state->engine->run(x.data<float>(), 1, state->y.data<float>()); };
  const NoGrad no_grad;
  const Tensor expected = GraphModule(network).forward(Variable(x)).value();
  const auto verify = [=] { return difference({state->y}, {test::as_doubles(expected)}); };
  const double bytes =
      4.0 * static_cast<double>(problem.x.numel() + problem.t.numel() + problem.output().numel());
  return {"tern_engine", Peak::fp32_fma, bytes, run, verify};
}

Case float_layer(const ConvolutionProblem& problem) {
  const bool linear = problem.x[1] == 1;
  const auto prepare = [=](Device device) {
    std::vector<Implementation> all;
    if (device.type != DeviceType::cpu) return all;
    all.push_back(in_engine(linear ? one_linear(problem) : one_layer(problem), problem));
    all.push_back(onednn_fp32(problem));
    return all;
  };
  return {fmt::format("float_layer/{}", problem.name()),
          fmt::format("{} * {}", to_string(problem.x), to_string(problem.t)), 1, problem.macs(), prepare};
}

std::vector<Case> float_layers_cases(Scale scale) {
  if (scale == Scale::small) {
    return {float_layer({{1, 9, 9, 3}, {8, 5, 5, 3}, {2, 1}}),
            float_layer({{1, 1, 1, 20}, {10, 1, 1, 20}, {1, 0}})};
  }
  return {float_layer({{1, 224, 224, 3}, {96, 11, 11, 3}, {4, 2}}),  // AlexNet's first
          float_layer({{1, 56, 56, 64}, {64, 3, 3, 64}, {1, 1}}),    // of ResNet-18
          float_layer({{1, 14, 14, 256}, {256, 3, 3, 256}, {1, 1}}),
          float_layer({{1, 7, 7, 512}, {512, 3, 3, 512}, {1, 1}}),
          float_layer({{1, 28, 28, 128}, {512, 1, 1, 128}, {1, 0}}),    // of ResNet-50
          float_layer({{1, 1, 1, 784}, {1024, 1, 1, 784}, {1, 0}}),     // the MLP's first
          float_layer({{1, 1, 1, 4096}, {1000, 1, 1, 4096}, {1, 0}})};  // AlexNet's last
}

const CaseGroup kFloatLayers("float_layer", &float_layers_cases);

}  // namespace
}  // namespace tern::bench
