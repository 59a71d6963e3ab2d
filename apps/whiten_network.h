#pragma once

#include <cstdint>

#include "tern/apps/config/train_config.h"
#include "tern/data/dataset.h"
#include "tern/layers/module.h"

namespace tern {

/// Sets the filters of the network's WhitenedConv2d, if it has one, by init.whitening_images training images
/// (or all, if there are fewer), drawn by the seed, without augmentation. Returns their number, or 0 without
/// such a layer. Throws what a Loader throws at a bad image.
std::int64_t whiten_network(Module& network, const TrainConfig& config, const Dataset& training_set);

}  // namespace tern
