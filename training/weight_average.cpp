#include "tern/training/weight_average.h"

#include <algorithm>

#include "tern/core/error.h"
#include "tern/kernels/weighted_sum.h"
#include "tern/layers/state_dict.h"

namespace tern {

WeightAverage::WeightAverage(Module& network, double decay) : network_(network), decay_(decay) {
  require<ConfigError>(decay > 0 && decay < 1, "WeightAverage: the decay is {}, expected between 0 and 1",
                       decay);
  for (const StateEntry& entry : state_dict(network)) tensors_.emplace_back(entry.name, entry.tensor.clone());
}

void WeightAverage::update(std::int64_t step) {
  const auto t = static_cast<double>(step);
  const auto decay = static_cast<float>(std::min(decay_, (1 + t) / (10 + t)));
  std::vector<kernels::MovingAverage> averages;
  auto average = tensors_.begin();
  for (const StateEntry& entry : state_dict(network_)) {
    Tensor& tensor = (average++)->second;
    if (tensor.dtype() == DType::f32) {
      averages.push_back({tensor, entry.tensor});
    } else {
      tensor.copy_from(entry.tensor);  // a count
    }
  }
  kernels::update_averages(averages, decay);
}

void WeightAverage::swap() {
  auto other = tensors_.begin();
  for (StateEntry& entry : state_dict(network_)) {
    Tensor& tensor = (other++)->second;
    const Tensor held = entry.tensor.clone();
    entry.tensor.copy_from(tensor);
    tensor.copy_from(held);
  }
}

void WeightAverage::copy_to_network() {
  auto average = tensors_.begin();
  for (StateEntry& entry : state_dict(network_)) entry.tensor.copy_from((average++)->second);
}

void WeightAverage::load_state(const std::map<std::string, Tensor>& saved) {
  overwrite_tensors("WeightAverage", tensors_, saved);
}

}  // namespace tern
