// Trains a network of one's own on a folder of images of 32x32 pixels, merges it and saves the ternary
// network:
//
//   train_your_own FOLDER MODEL.safetensors        FOLDER holds train/CLASS/*.jpg and test/CLASS/*.jpg
#include <tern/tern.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <string>

namespace {

/// Batch norm, ternary activation, ternary convolution 3x3 (STTN), PReLU.
class Block : public tern::Module {
 public:
  Block(int in, int out)
      : norm_(add_module("norm", std::make_unique<tern::BatchNorm2d>(in))),
        activation_(add_module("activation", std::make_unique<tern::TernaryActivation>())),
        conv_(
            add_module("conv", std::make_unique<tern::TernaryConv2d>(
                                   tern::Conv2dOptions{.in_channels = in, .out_channels = out, .padding = 1},
                                   tern::ternary_method("sttn")))),
        slope_(add_module("slope", std::make_unique<tern::PReLU>(out))) {}

  tern::Variable forward(const tern::Variable& x) override {
    return slope_.forward(conv_.forward(activation_.forward(norm_.forward(x))));
  }

  /// The same, as operators of a graph: for summaries, merging, export.
  tern::Value trace(tern::GraphBuilder& graph, tern::Value x) const override {
    return slope_.trace(graph, conv_.trace(graph, activation_.trace(graph, norm_.trace(graph, x))));
  }

 private:
  tern::BatchNorm2d& norm_;
  tern::TernaryActivation& activation_;
  tern::TernaryConv2d& conv_;
  tern::PReLU& slope_;
};

void train(const std::string& folder, const std::string& path) {
  const tern::ImageFolder images(folder + "/train"), test_images(folder + "/test");
  const tern::TransformConfig transform{
      .size = {32, 32}, .mean = {0.5F, 0.5F, 0.5F}, .std = {0.25F, 0.25F, 0.25F}};
  tern::Loader training(images, {transform, true}, {.batch_size = 50, .shuffle = true});
  tern::Loader test(test_images, {transform, false}, {.batch_size = 50});

  tern::Sequential network;
  network.add(std::make_unique<tern::Conv2d>(
      tern::Conv2dOptions{.in_channels = 3, .out_channels = 16, .stride = 2, .padding = 1}));
  network.add(std::make_unique<Block>(16, 32));
  network.add(std::make_unique<Block>(32, 64));
  network.add(std::make_unique<tern::GlobalAvgPool2d>());
  network.add(std::make_unique<tern::Linear>(64, static_cast<std::int64_t>(images.class_names().size())));
  tern::initialise(network, {}, 1);

  tern::Adam optimizer(network.named_parameters(), {});
  tern::Trainer trainer({network, optimizer, training, test}, {.epochs = 3, .lr = 0.01});
  trainer.run();

  tern::ModelMetadata about{{.mean = {0.5, 0.5, 0.5}, .std = {0.25, 0.25, 0.25}}, images.class_names()};
  tern::Metadata metadata;
  add_to(metadata, about);
  tern::save_merged(path, tern::merge(network, {32, 32, 3}), metadata);
  std::printf("%s: written\n", path.c_str());
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) throw std::runtime_error("usage: train_your_own FOLDER MODEL.safetensors");
  train(argv[1], argv[2]);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "train_your_own: %s\n", error.what());
  return 1;
}
