#pragma once

#include <cstdint>

#include "tern/layers/module.h"

namespace tern {

/// The standard deviation of the normal distribution (mean 0) that weights are drawn from.
enum class WeightInit {
  fan_in,    // 1 / fan_in, the official STTN code
  kaiming,   // sqrt(2 / fan_in) (He et al., ICCV 2015)
  constant,  // a given one
};

struct WeightInitConfig {
  WeightInit rule = WeightInit::fan_in;
  double standard_deviation = 0;  // for WeightInit::constant
};

struct InitConfig {
  WeightInitConfig conv;
  WeightInitConfig linear;
};

/// Draws all convolution and linear weights of `network`; biases become 0. Norms and slopes keep the values
/// their layers start with. Each parameter has its own random stream, named by `seed` and its position.
void initialise(Module& network, const InitConfig& config, std::uint64_t seed);

}  // namespace tern
