#include "tern/apps/whiten_network.h"

#include "tern/apps/inputs/open_dataset.h"
#include "tern/data/loader.h"
#include "tern/layers/whitened_conv2d.h"
#include "tern/models/engine/transform_config.h"

namespace tern {
namespace {

WhitenedConv2d* whitened_layer(Module& network) {
  WhitenedConv2d* found = nullptr;
  network.visit([&](const std::string&, ParameterContainer& container) {
    if (auto* layer = dynamic_cast<WhitenedConv2d*>(&container)) found = layer;
  });
  return found;
}

}  // namespace

std::int64_t whiten_network(Module& network, const TrainConfig& config, const Dataset& training_set) {
  WhitenedConv2d* layer = whitened_layer(network);
  if (layer == nullptr) return 0;
  LoaderConfig options;
  options.batch_size = 1;
  options.shuffle = true;
  options.workers = static_cast<int>(config.data.workers);
  options.seed = static_cast<std::uint64_t>(config.seed);
  options.bad_images = parse_bad_image_policy(config.data.bad_images);
  options.cache_bytes = 0;
  Loader loader(training_set, Transform(transform_config(config.input), false), options);
  loader.start_epoch(0);
  PatchStatistics patches = layer->patches();
  std::int64_t images = 0;
  for (Batch batch; images < config.init.whitening_images && loader.next(batch); ++images)
    patches.add(batch.images);
  layer->whiten(patches);
  return images;
}

}  // namespace tern
