#include "tests/models/trained_network.h"

#include "tern/core/random.h"
#include "tern/models/initialise.h"
#include "tern/models/resnet.h"

namespace tern::test {

std::unique_ptr<Module> trained_network(const ResNetConfig& config) {
  auto network = make_resnet(config);
  initialise(*network, {}, 7);
  std::uint32_t index = 0;
  const auto disturb = [&index](Tensor tensor, float low, float high) {
    Random random(11, RandomPurpose::test, 0, index++);
    for (std::int64_t i = 0; i < tensor.numel(); ++i) tensor.data<float>()[i] += random.uniform(low, high);
  };
  for (auto& [name, parameter] : network->named_parameters()) {
    if (parameter.shape().rank() == 1) disturb(parameter.mutable_value(), -0.4F, 0.4F);
  }
  for (auto& [name, buffer] : network->named_buffers()) {
    if (buffer.dtype() == DType::f32) disturb(buffer, 0.0F, 0.5F);
  }
  network->train(false);
  return network;
}

}  // namespace tern::test
