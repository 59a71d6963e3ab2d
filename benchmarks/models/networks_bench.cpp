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
#include "tern/models/stem_arithmetic.h"
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

/// Noise of 8 bits, and what the networks of training take of it.
struct Images {
  std::vector<std::uint8_t> pixels;
  Tensor floats;

  Images(std::int64_t count, const Shape& image)
      : pixels(noise_pixels(count, image)), floats(Tensor::empty({count, image[0], image[1], image[2]})) {
    const engine::PixelTable table = engine::pixel_table(InputSection{});
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      floats.data<float>()[i] = table[i % table.size()][pixels[i]];
    }
  }
};

/// Of a merged model of `config` for such images.
Metadata metadata(const NetworkConfig& config, StemArithmetic stem) {
  ModelMetadata model;
  model.input.set_image(config.image);
  for (std::int64_t i = 0; i < config.classes; ++i) model.class_names.push_back(std::to_string(i));
  Metadata metadata;
  add_to(metadata, model);
  set_stem_arithmetic(metadata, stem);
  return metadata;
}

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
/// gives it. "tern_engine_int16": the same with the stem in integers, of images of 8 bits.
Implementation packed_engine(const std::shared_ptr<Networks>& networks, const NetworkConfig& config,
                             const Images& images, StemArithmetic stem) {
  struct State {
    std::unique_ptr<engine::Engine> engine;
    std::vector<float> logits;
  };
  const auto count = static_cast<std::size_t>(images.floats.dim(0));
  const bool integers = stem == StemArithmetic::int16;
  const auto state = std::make_shared<State>();
  const test::TemporaryDirectory folder;
  const std::string path = folder / "merged.safetensors";
  save_merged(path, networks->merged->merged(), metadata(config, stem));
  state->engine = std::make_unique<engine::Engine>(*open_file(path), thread_count());
  state->logits.resize(count * static_cast<std::size_t>(config.classes));
  const auto run = [=](std::size_t) {
    integers ? state->engine->run(images.pixels.data(), count, state->logits.data())
             : state->engine->run(images.floats.data<float>(), count, state->logits.data());
  };
  const auto verify = [=, expected =
                              logits(*networks->pair, images.floats).to_vector<float>()]() -> std::string {
    const bool same = best_classes(state->logits, count) == best_classes(expected, count);
    return same ? "" : "an image has another class than in the pair network";
  };
  const std::size_t image_bytes = integers ? images.pixels.size() : images.floats.nbytes();
  const auto bytes = static_cast<double>(std::filesystem::file_size(path) + image_bytes);
  const char* const name = integers ? "tern_engine_int16" : "tern_engine";
  return {name, Peak::ternary, bytes, run, verify, {}, packed::kernels().name};
}

Case network(const std::string& name, const NetworkConfig& config, std::int64_t batch) {
  const double work = macs(config) * static_cast<double>(batch);
  const auto prepare = [=](Device device) {
    const auto networks = std::make_shared<Networks>(config);
    const Images images(batch, config.image);
    std::vector<Implementation> all;
    if (device.type == DeviceType::cpu) {
      for (const StemArithmetic stem : {StemArithmetic::floats, StemArithmetic::int16}) {
        all.push_back(packed_engine(networks, config, images, stem));
      }
    }
    all.push_back(modules(networks, images.floats, device));
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
