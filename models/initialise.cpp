#include "tern/models/initialise.h"

#include <cmath>

#include "tern/core/error.h"
#include "tern/core/random.h"

namespace tern {
namespace {

double standard_deviation(const Shape& w, const InitConfig& config) {
  const WeightInitConfig& init = w.rank() == 4 ? config.conv : config.linear;
  const auto fan_in = static_cast<double>(w.numel() / w[0]);
  switch (init.rule) {
    case WeightInit::fan_in:
      return 1 / fan_in;
    case WeightInit::kaiming:
      return std::sqrt(2 / fan_in);
    case WeightInit::constant:
      return init.standard_deviation;
  }
  throw Error("initialise: not a rule");
}

}  // namespace

void initialise(Module& network, const InitConfig& config, std::uint64_t seed) {
  std::uint32_t position = 0;
  for (auto& [name, parameter] : network.named_parameters()) {
    const Shape& shape = parameter.shape();
    Random random(seed, RandomPurpose::weights, 0, position++);
    if (shape.rank() != 4 && shape.rank() != 2) continue;  // a bias, norm or slope
    const auto deviation = static_cast<float>(standard_deviation(shape, config));
    Tensor values = Tensor::empty(shape);
    for (std::int64_t i = 0; i < values.numel(); ++i) values.data<float>()[i] = random.normal(0, deviation);
    parameter.mutable_value().copy_from(values);
  }
}

}  // namespace tern
