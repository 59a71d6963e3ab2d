// tern-import FILE --model NAME -o CHECKPOINT: a network that PyTorch trained, as a checkpoint of Tern.
#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "tern/apps/console/program.h"
#include "tern/apps/inputs/class_names.h"
#include "tern/apps/inputs/network_argument.h"
#include "tern/apps/inputs/output_file.h"
#include "tern/core/error.h"
#include "tern/layers/state_dict.h"
#include "tern/models/graph_module.h"
#include "tern/models/import_state_dict.h"
#include "tern/models/model_metadata.h"

namespace {

struct Options {
  std::string file, model, output, classes, interpolation = "bicubic";
  std::int64_t size = 0, height = 0, width = 0, resize = 0;
  std::vector<double> mean, std;
};

tern::InputSection input_section(const Options& options, const tern::Shape& image) {
  constexpr std::int64_t kImageNetSize = 224, kImageNetResize = 256;
  tern::InputSection input = image[2] == 1 ? tern::grey_input() : tern::InputSection{};
  input.set_image(image);
  const std::int64_t shorter = std::min(image[0], image[1]), longer = std::max(image[0], image[1]);
  input.resize = options.resize > 0                                    ? options.resize
                 : shorter == kImageNetSize && longer == kImageNetSize ? kImageNetResize
                                                                       : longer;
  input.interpolation = options.interpolation;
  input.crop = "center";
  if (!options.mean.empty()) input.mean = options.mean;
  if (!options.std.empty()) input.std = options.std;
  tern::require<tern::ConfigError>(input.resize >= shorter,
                                   "--resize: images of {} pixels have no crop of {}; give at least that",
                                   input.resize, shorter);
  return input;
}

// (H, W); nothing if none is given.
std::optional<tern::Shape> input_size(const Options& options) {
  const std::int64_t height = options.height > 0 ? options.height : options.size;
  const std::int64_t width = options.width > 0 ? options.width : options.size;
  if (height == 0 && width == 0) return std::nullopt;
  if (height == 0 || width == 0)
    throw tern::UsageError("--height and --width: give both, or --size beside one of them");
  return tern::Shape{height, width};
}

std::vector<std::string> class_names(const Options& options, std::int64_t classes) {
  if (options.classes.empty()) return tern::default_class_names(classes);
  std::vector<std::string> names = tern::read_class_names(options.classes);
  tern::require<tern::DataError>(names.size() == static_cast<std::size_t>(classes),
                                 "{}: names {} classes, the network of {} has {}", options.classes,
                                 names.size(), options.file, classes);
  return names;
}

tern::Metadata metadata_of(const Options& options, const tern::LoadedModel& model) {
  tern::Metadata metadata;
  const tern::ModelMetadata described{input_section(options, model.graph.input().output),
                                      class_names(options, model.graph.classes())};
  add_to(metadata, described);
  tern::read_model_metadata(metadata, options.output);  // checks it
  return metadata;
}

// Latent weights of binary branches that are exactly zero, which the official code does not make binary.
std::int64_t count_zero_latents(const tern::LoadedModel& model) {
  std::map<std::string, tern::Tensor> state;
  for (const tern::StateEntry& entry : tern::state_dict(*model.network))
    state.emplace(entry.name, entry.tensor);
  std::int64_t zeros = 0;
  for (const tern::graph::Node& node : model.graph.nodes) {
    if (node.method != "sttn") continue;
    for (const tern::graph::Parameter& parameter : node.parameters) {
      if (!parameter.name.ends_with(".weight")) continue;
      const std::vector<float> weights = state.at(parameter.name).to_vector<float>();
      zeros += std::count(weights.begin(), weights.end(), 0.0F);
    }
  }
  return zeros;
}

int run(const Options& options) {
  tern::require_other_file(options.output, {options.file, options.classes});
  tern::NetworkDefaults defaults;
  defaults.input_size = input_size(options);
  const tern::LoadedModel model =
      tern::import_state_dict(options.file, tern::network_json(options.model), defaults);
  const tern::Metadata metadata = metadata_of(options, model);
  if (const auto* merged = dynamic_cast<const tern::GraphModule*>(model.network.get())) {
    tern::save_merged(options.output, merged->merged(), metadata);
  } else {
    tern::save_checkpoint(options.output, *model.network, model.config->image, &*model.config, metadata);
  }
  fmt::print("{}: {}, {} classes, images of {}\n", options.output,
             model.merged() ? "a merged model" : "a checkpoint", model.graph.classes(),
             to_string(model.graph.input().output));
  if (const std::int64_t zeros = count_zero_latents(model); zeros > 0) {
    fmt::print("note: {} latent weights are exactly 0: here their sign is +1, in the official code 0\n",
               zeros);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  tern::CommandLine app(
      "Makes a checkpoint of Tern from a network that PyTorch saved. No code of the file is run.",
      "tern-import");
  Options options;
  app.option("FILE", options.file,
             "state dict by torch.save (.pth, .pt, .pth.tar), alone or under state_dict, model or "
             "model_state_dict; or safetensors")
      .required();
  app.option("--model", options.model,
             "its network: resnet18, resnet50, resnet18_bwx2, ..., resnet18_ter (the official code's merged "
             "network), or a description in JSON as in a training configuration")
      .required();
  app.option("-o,--output", options.output, "the checkpoint to write; of a merged network, the model")
      .required();
  app.option(
      "--classes", options.classes,
      "names of the classes: a file with one a line, or a folder with a folder for each class; otherwise "
      "ImageNet's for 1000 classes, or numbers");
  app.option("--size", options.size, "height and width of the images that the network takes; 0: its own")
      .in_range(0, 8192);
  app.option("--height", options.height, "their height alone; 0: --size").in_range(0, 8192);
  app.option("--width", options.width, "their width alone; 0: --size").in_range(0, 8192);
  app.option("--resize", options.resize,
             "shorter side of a picture before its center is cropped; 0: 256 for images of 224, else their "
             "longer side")
      .in_range(0, 8192);
  app.option("--interpolation", options.interpolation, "of the resize")
      .one_of({"bicubic", "bilinear"})
      .show_default();
  app.option("--mean", options.mean, "of the training images, a number for each channel: 0.485,0.456,0.406")
      .comma_separated();
  app.option("--std", options.std, "standard deviation, in the same way").comma_separated();
  return tern::run_program(app, argc, argv, [&] { return run(options); });
}
