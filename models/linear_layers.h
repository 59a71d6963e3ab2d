// The linear layers at the end of a network: their fields in a description, and the layers.
#pragma once

#include <cstdint>
#include <vector>

#include "tern/models/feed_forward.h"
#include "tern/models/network_fields.h"

namespace tern {

struct LinearLayers {
  std::vector<std::int64_t> hidden;  ///< Outputs of the layers but the last.
  std::int64_t classes;

  /// How many weights they have behind `inputs` values.
  std::int64_t weights(std::int64_t inputs) const;
  void add_to(FeedForward& network) const;
};

/// Reads "hidden", of which there may be `most`, and "classes".
LinearLayers read_linear_layers(NetworkFields& fields, const LinearLayers& fallback, std::size_t most);

}  // namespace tern
