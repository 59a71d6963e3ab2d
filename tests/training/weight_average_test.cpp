#include "tern/training/weight_average.h"

#include "tern/core/error.h"
#include "tern/layers/batch_norm2d.h"
#include "tests/support/catch.h"

namespace tern {
namespace {

void fill(Tensor tensor, float value) {
  tensor.copy_from(Tensor::full(tensor.shape(), value));
}

float first_of(const NamedTensors& tensors, const std::string& name) {
  for (const auto& [own, tensor] : tensors) {
    if (own == name) return tensor.data<float>()[0];
  }
  FAIL(name);
  return 0;
}

TEST_CASE("weight average: parameters and running statistics, with a decay that grows to its limit") {
  BatchNorm2d network(3);  // weight 1, running_mean 0
  WeightAverage average(network, 0.25);
  fill(network.named_parameters()[0].second.mutable_value(), 3);
  fill(network.named_buffers()[0].second, 5);
  *network.named_buffers()[2].second.data<std::int64_t>() = 7;
  double weight = 1, mean = 0;
  std::int64_t step = 0;
  for (const double decay : {2.0 / 11, 0.25, 0.25}) {  // (1 + t) / (10 + t) is 2/11, 3/12, 4/13
    average.update(++step);
    weight = decay * weight + (1 - decay) * 3;
    mean = decay * mean + (1 - decay) * 5;
    CHECK(first_of(average.state(), "weight") == Approx(weight));
    CHECK(first_of(average.state(), "running_mean") == Approx(mean));
  }
  CHECK(*average.state().back().second.data<std::int64_t>() == 7);
}

TEST_CASE("weight average: the network holds it for a while, and then again what it held, to the bit") {
  BatchNorm2d network(2);
  const Variable weight = network.named_parameters()[0].second;
  WeightAverage average(network, 0.5);
  fill(weight.value(), 4);
  {
    const WithAverage with_average(&average);
    CHECK(weight.value().to_vector<float>() == std::vector<float>{1, 1});
    CHECK(first_of(average.state(), "weight") == 4);
  }
  CHECK(weight.value().to_vector<float>() == std::vector<float>{4, 4});
  average.copy_to_network();
  CHECK(weight.value().to_vector<float>() == std::vector<float>{1, 1});
}

TEST_CASE("weight average: a decay outside (0, 1) and a state that does not fit are refused") {
  BatchNorm2d network(2);
  CHECK_THROWS_AS(WeightAverage(network, 0), ConfigError);
  CHECK_THROWS_AS(WeightAverage(network, 1), ConfigError);
  CHECK_THROWS_AS(WeightAverage(network, 0.9).load_state({{"weight", Tensor::zeros({2})}}), DataError);
}

}  // namespace
}  // namespace tern
