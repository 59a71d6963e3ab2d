// A data set in memory and a network of the test's own, small enough to train within milliseconds.
#pragma once

#include <fmt/core.h>

#include "tern/data/loader.h"
#include "tern/layers/functions/global_avg_pool2d.h"
#include "tern/layers/linear.h"
#include "tern/layers/module.h"
#include "tern/layers/optim/adam.h"

namespace tern::test {

/// 4x4 images in one of two colours, a little different each.
class TwoColours final : public Dataset {
 public:
  std::int64_t size() const override { return 40; }
  const std::vector<std::string>& class_names() const override { return class_names_; }
  std::string name_of(std::int64_t index) const override { return fmt::format("image {}", index); }
  Sample load(std::int64_t index) const override {
    const std::int64_t label = index % 2;
    Sample sample{Image{4, 4, {}}, label};
    for (int i = 0; i < 16; ++i) {
      const auto shade = static_cast<std::uint8_t>(index + i);
      const auto strong = static_cast<std::uint8_t>(200 + index);
      sample.image.pixels.insert(sample.image.pixels.end(),
                                 {label == 0 ? strong : shade, shade, label == 0 ? shade : strong});
    }
    return sample;
  }

 private:
  std::vector<std::string> class_names_ = {"red", "blue"};
};

/// The mean colour, then a linear layer.
class ColourNetwork final : public Module {
 public:
  ColourNetwork() { linear_ = &add_module("linear", std::make_unique<Linear>(3, 2)); }
  Variable forward(const Variable& images) override { return linear_->forward(global_avg_pool2d(images)); }

 private:
  Linear* linear_;
};

inline Loader colour_loader(const Dataset& dataset, bool shuffle, Device device = {},
                            Flip flip = Flip::none) {
  LoaderConfig config;
  config.batch_size = 10;
  config.shuffle = shuffle;
  config.seed = 3;
  config.device = device;
  TransformConfig transform;
  transform.size = {4, 4};
  transform.flip = flip;
  return Loader(dataset, Transform(transform, shuffle), config);
}

/// What a training takes, on the CPU.
struct SmallTraining {
  TwoColours dataset;
  Loader training = colour_loader(dataset, true);
  Loader validation = colour_loader(dataset, false);
  ColourNetwork network;
  Adam optimizer{network.named_parameters(), {}};

  std::vector<float> weight() const {
    return network.named_parameters().front().second.value().to_vector<float>();
  }
};

}  // namespace tern::test
