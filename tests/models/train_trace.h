// Training runs of the official code, recorded step by step, and their replay with our network.
//
// A golden file tests/fixtures/train_trace_*.safetensors holds the initial state of a small STTN network, the
// batches, what each step gave and the state after the last one.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tern/core/safetensors.h"
#include "tern/layers/module.h"
#include "tern/layers/optim/optimizer.h"
#include "tern/models/resnet_config.h"

namespace tern::test {

/// How far a replay is from one thing that the file records.
struct Deviation {
  std::string what;
  double ratio;         ///< The difference in units of its tolerance, so that 1 is the limit; NaN stays NaN.
  bool binding = true;  ///< False for what the README promises no tolerance for: a guide, never a failure.
};
using Deviations = std::vector<Deviation>;

/// A golden file. Images are NHWC here, weights OHWI.
class TrainTrace {
 public:
  struct Step {
    Tensor images, target, teacher_logits;  ///< target or teacher_logits is undefined, as the loss has it.
    Tensor logits;                          ///< What the official code computed, and its loss.
    double loss;
  };

  explicit TrainTrace(const std::filesystem::path& path);

  const std::vector<Step>& steps() const { return steps_; }
  double learning_rate() const { return learning_rate_; }
  std::unique_ptr<Module> make_network() const;  ///< In the initial state.
  std::unique_ptr<Optimizer> make_optimizer(const Module& network) const;

  /// Of the loss, and as a guide of the logits (root mean square).
  Deviations of_forward(std::size_t step, const Tensor& logits, float loss) const;
  /// Of the gradients that the first step left in `network`.
  Deviations of_first_gradients(const Module& network) const;
  Deviations of_final_state(const Module& network) const;
  /// Loads the official final state into `network`, which is on `device`, and evaluates that.
  Deviations of_evaluation(Module& network, Device device) const;

 private:
  ResNetConfig config() const;
  void load(const std::string& prefix, Module& network) const;

  SafetensorsFile file_;
  double learning_rate_;
  std::vector<Step> steps_;
};

/// Our training run on the batches of a trace.
class Replay {
 public:
  using Forward = std::function<Variable(const Variable& images)>;  ///< Gives the logits.
  using Snapshot = std::vector<Tensor>;

  explicit Replay(const TrainTrace& trace, Device device = {});
  Module& network() { return *network_; }
  Device device() const { return device_; }
  const std::vector<float>& losses() const { return losses_; }

  /// Trains one step and returns its deviations.
  Deviations train(std::size_t step, const Forward& forward);
  /// Deviations of the forward pass of a step without training, or of the final state after the last step.
  Deviations look(std::size_t step, const Forward& forward);

  /// The state of network and optimiser, copied.
  Snapshot save() const;
  void restore(const Snapshot& snapshot);

 private:
  Variable loss_of(std::size_t step, const Variable& logits) const;
  std::vector<Tensor> state() const;

  const TrainTrace& trace_;
  Device device_;
  std::unique_ptr<Module> network_;
  std::unique_ptr<Optimizer> optimizer_;
  std::vector<float> losses_;  // one for each train()
};

}  // namespace tern::test
