#include "tern/models/stem.h"

#include "tern/core/error.h"
#include "tern/layers/conv2d.h"
#include "tern/models/whitened_stem.h"

namespace tern {

std::unique_ptr<Module> make_stem(const ResNetConfig& config) {
  const std::int64_t channels = config.image[2], width = config.widths.front();
  switch (config.stem) {
    case Stem::imagenet:
      return std::make_unique<Conv2d>(Conv2dOptions{channels, width, 7, 2, 3, false});
    case Stem::cifar:
      return std::make_unique<Conv2d>(Conv2dOptions{channels, width, 3, 1, 1, false});
    case Stem::whitened:
      return std::make_unique<WhitenedStem>(channels, width);
  }
  throw Error("make_stem: not a stem");
}

}  // namespace tern
