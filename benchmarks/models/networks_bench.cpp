// Whole merged networks.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "tern/apps/compare/noise_images.h"
#include "tern/benchmarks/support/operation.h"
#include "tern/core/byte_source.h"
#include "tern/core/parallel.h"
#include "tern/kernels/cpu/packed/kernels.h"
#include "tern/models/engine/engine.h"
#include "tern/models/graph_module.h"
#include "tern/models/initialise.h"
#include "tern/models/model_file.h"
#include "tern/models/registry.h"
#include "tests/support/compare.h"
#include "tests/support/temporary_directory.h"

namespace tern::bench {
namespace {

/// A pair of binary branches with random weights, and what it merges to.
struct Networks {
  explicit Networks(const NetworkConfig& config) : pair(config.make()) {
    initialise(*pair, {{WeightInit::kaiming}, {WeightInit::kaiming}}, 1);
    pair->train(false);
    merged = std::make_unique<GraphModule>(merge(*pair, config.image));
  }

  std::unique_ptr<Module> pair;
  std::unique_ptr<GraphModule> merged;
};

Tensor logits(Module& network, const Tensor& images) {
  const NoGrad no_grad;
  return network.forward(Variable(images)).value();
}

double macs(const NetworkConfig& config) {
  const graph::Graph traced = trace_graph(*config.make(), config.image);
  double sum = 0;
  for (const graph::Node& node : traced.nodes) sum += static_cast<double>(multiply_adds(traced, node));
  return sum;
}

/// "tern": layer by layer, with the kernels of training. Its logits are those of the pair, computed on the
/// CPU.
Implementation modules(const std::shared_ptr<Networks>& networks, const Tensor& images, Device device) {
  networks->pair->to(device);
  networks->merged->to(device);
  const Tensor expected = logits(*networks->pair, images.to(device));
  const Operation operation{
      {images},
      [networks](Tensors& in) { return Tensors{logits(*networks->merged, in[0])}; },
      [expected](const Tensors&) { return std::vector<Values>{test::as_doubles(expected)}; }};
  return implementation("tern", Peak::ternary, operation, device);
}

std::vector<std::int64_t> best_classes(const std::vector<float>& logits, std::size_t images) {
  const std::size_t classes = logits.size() / images;
  std::vector<std::int64_t> best;
  for (std::size_t n = 0; n < images; ++n) {
    const auto row = logits.begin() + static_cast<std::ptrdiff_t>(n * classes);
    best.push_back(std::max_element(row, row + static_cast<std::ptrdiff_t>(classes)) - row);
  }
  return best;
}

/// "tern_engine": the plan of models/engine on packed kernels. Its stem rounds sums in another order, so that
/// an activation on the edge may fall on its other side; it must give each image the class that the pair
/// gives it.
Implementation packed_engine(const std::shared_ptr<Networks>& networks, const NetworkConfig& config,
                             const Tensor& images) {
  struct State {
    std::unique_ptr<engine::Engine> engine;
    std::vector<float> logits;
  };
  const auto count = static_cast<std::size_t>(images.dim(0));
  const auto state = std::make_shared<State>();
  const test::TemporaryDirectory folder;
  const std::string path = folder / "merged.safetensors";
  save_merged(path, networks->merged->merged(), {});
  state->engine = std::make_unique<engine::Engine>(*open_file(path), thread_count());
  state->logits.resize(count * static_cast<std::size_t>(config.classes));
  const auto run = [=](std::size_t) {
    state->engine->run(images.data<float>(), count, state->logits.data());
  };
  const auto verify = [=, expected = logits(*networks->pair, images).to_vector<float>()]() -> std::string {
    const bool same = best_classes(state->logits, count) == best_classes(expected, count);
    return same ? "" : "an image has another class than in the pair network";
  };
  const double bytes = static_cast<double>(std::filesystem::file_size(path) + images.nbytes());
  return {"tern_engine", Peak::ternary, bytes, run, verify, {}, packed::kernels().name};
}

Case network(const std::string& name, const NetworkConfig& config, std::int64_t batch) {
  const double work = macs(config) * static_cast<double>(batch);
  const auto prepare = [=](Device device) {
    const auto networks = std::make_shared<Networks>(config);
    const Tensor images = noise_images(batch, config.image, 0);
    std::vector<Implementation> all;
    if (device.type == DeviceType::cpu) all.push_back(packed_engine(networks, config, images));
    all.push_back(modules(networks, images, device));
    return all;
  };
  const Shape shape{batch, config.image[0], config.image[1], config.image[2]};
  return {fmt::format("network/{}/batch{}", name, batch), to_string(shape), batch, work, prepare};
}

std::vector<Case> networks_cases(Scale scale) {
  if (scale == Scale::small) {
    const NetworkConfig config = parse_network_config(
        R"({"name": "cifar_resnet20_bwx2", "widths": [8, 16], "depths": [1, 1], "input_size": 16})");
    return {network("small_ter", config, 2)};
  }
  std::vector<Case> all;
  const std::pair<const char*, const char*> networks[] = {
      {"resnet18_ter", R"("resnet18_bwx2")"},
      {"cifar_resnet20_ter", R"("cifar_resnet20_bwx2")"},
      {"cifar_resnet_32_ter", R"({"name": "cifar_resnet20_bwx2", "widths": [32, 64, 128]})"},
      {"cifar_resnet_48_ter", R"({"name": "cifar_resnet18_bwx2", "widths": [48, 96, 192, 384]})"}};
  for (const auto& [name, config] : networks) {
    for (const std::int64_t batch : {1, 16})
      all.push_back(network(name, parse_network_config(config), batch));
  }
  return all;
}

const CaseGroup kNetworks("network", &networks_cases, true);

}  // namespace
}  // namespace tern::bench
