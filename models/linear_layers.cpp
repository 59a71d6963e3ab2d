#include "tern/models/linear_layers.h"

#include <utility>

#include "tern/core/error.h"

namespace tern {

std::int64_t LinearLayers::weights(std::int64_t inputs) const {
  std::int64_t count = 0;
  for (const std::int64_t outputs : hidden) count += std::exchange(inputs, outputs) * outputs;
  return count + inputs * classes;
}

void LinearLayers::add_to(FeedForward& network) const {
  for (const std::int64_t outputs : hidden) network.add_linear(outputs);
  network.add_classifier(classes);
}

LinearLayers read_linear_layers(NetworkFields& fields, const LinearLayers& fallback, std::size_t most) {
  LinearLayers layers{fields.integers("hidden", fallback.hidden, 1, 65536),
                      fields.integer("classes", fallback.classes, 1, 1000000)};
  require<ConfigError>(layers.hidden.size() <= most, "model.hidden: {} layers are more than {}",
                       layers.hidden.size(), most);
  return layers;
}

}  // namespace tern
