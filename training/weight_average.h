#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tern/layers/module.h"
#include "tern/layers/named_tensors.h"

namespace tern {

/// The exponential moving average of a network's parameters and running statistics over the steps of its
/// training (Polyak & Juditsky 1992; Tarvainen & Valpola, NIPS 2017). Latent weights are averaged, so that
/// the averaged network has ternary weights as any other.
///
///   average_t = d_t * average_(t-1) + (1 - d_t) * network_t,   d_t = min(decay, (1 + t) / (10 + t))
///
/// The growing d_t keeps a short training from remembering its first weights.
class WeightAverage {
 public:
  /// Starts with what `network`, which must outlive it, holds now. Throws ConfigError unless decay is in
  /// (0, 1).
  WeightAverage(Module& network, double decay);

  /// Takes in what the network holds after step number `step`, counted from 1.
  void update(std::int64_t step);

  /// Exchanges what the network holds and the average.
  void swap();
  /// Overwrites the network with the average.
  void copy_to_network();

  /// What is not in the network now, by the names of its state.
  const NamedTensors& state() const { return tensors_; }
  /// Overwrites it. Throws DataError listing all that differs; then nothing is loaded.
  void load_state(const std::map<std::string, Tensor>& saved);

 private:
  Module& network_;
  double decay_;
  NamedTensors tensors_;
};

/// While an object of this class lives, the network holds its average; without one (null), nothing happens.
class WithAverage {
 public:
  explicit WithAverage(WeightAverage* average) : average_(average) {
    if (average_ != nullptr) average_->swap();
  }
  ~WithAverage() {
    if (average_ != nullptr) average_->swap();
  }
  WithAverage(const WithAverage&) = delete;
  WithAverage& operator=(const WithAverage&) = delete;

 private:
  WeightAverage* average_;
};

}  // namespace tern
