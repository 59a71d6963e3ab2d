#include "tests/models/train_trace.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "tern/layers/functions/distillation_loss.h"
#include "tern/layers/functions/softmax_cross_entropy.h"
#include "tern/layers/optim/adam.h"
#include "tern/layers/state_dict.h"
#include "tern/layers/weight_layout.h"
#include "tern/models/model_file.h"
#include "tern/models/resnet.h"
#include "tests/support/catch.h"
#include "tests/support/nchw.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

// Runs of the official code in fp32 and fp64 agree to these bounds (see the README of the golden files), so
// that a third implementation that rounds differently may be held to them, too.
constexpr double kLossTolerance = 1e-5;
constexpr double kLogitTolerance = 1e-5;
constexpr double kGradientTolerance = 1e-5;  // relative, in the norm of the tensor
constexpr double kFinalTolerance = 5e-3;     // the same; Adam turns rounding of tiny gradients into steps

// Batch norm follows the branches, so that their biases and the means behind them are determined by rounding
// noise.
bool is_dead(const std::string& name) {
  const bool branch_bias = name.find(".conv") != std::string::npos && name.ends_with(".bias");
  const bool branch_mean = name.find("bn_add") != std::string::npos && name.ends_with(".running_mean");
  return branch_bias || branch_mean || name.ends_with("num_batches_tracked");
}

Tensor in_pytorch_layout(const Tensor& tensor) {
  const Tensor host = tensor.to(Device{});
  return host.shape().rank() == 4 ? ohwi_to_oihw(host) : host;
}

struct Differences {
  double largest = 0;
  double norm = 0;
  double expected_norm = 0;
  std::int64_t count = 0;

  double relative() const { return expected_norm == 0 ? norm : norm / expected_norm; }
};

Differences differences(const Tensor& tensor, const Tensor& expected) {
  const Tensor actual = tensor.to(Device{});
  REQUIRE(actual.shape() == expected.shape());
  Differences result;
  result.count = expected.numel();
  for (std::int64_t i = 0; i < result.count; ++i) {
    const double e = expected.data<float>()[i];
    const double difference = std::abs(actual.data<float>()[i] - e);
    if (!(difference <= result.largest)) result.largest = difference;  // a NaN stays
    result.norm += difference * difference;
    result.expected_norm += e * e;
  }
  result.norm = std::sqrt(result.norm);
  result.expected_norm = std::sqrt(result.expected_norm);
  return result;
}

// The logits of one step from those of all, (steps, N, classes).
Tensor row(const Tensor& all, std::int64_t step) {
  Tensor result = Tensor::empty({all.dim(1), all.dim(2)});
  std::copy_n(all.data<float>() + step * result.numel(), result.numel(), result.data<float>());
  return result;
}

}  // namespace

TrainTrace::TrainTrace(const std::filesystem::path& path)
    : file_(SafetensorsFile::open(path)), learning_rate_(std::stod(file_.metadata().at("lr"))) {
  const bool distils = file_.metadata().at("loss") == "kd";
  const Tensor losses = file_.read("losses"), logits = file_.read("logits");
  for (std::int64_t i = 0; i < losses.numel(); ++i) {
    const std::string prefix = "step" + std::to_string(i) + ".";
    Step step;
    step.images = channels_last(file_.read(prefix + "input"));
    (distils ? step.teacher_logits : step.target) =
        file_.read(prefix + (distils ? "teacher_logits" : "target"));
    step.logits = row(logits, i);
    step.loss = losses.data<float>()[i];
    steps_.push_back(std::move(step));
  }
}

ResNetConfig TrainTrace::config() const {
  std::set<std::string> blocks;
  for (const std::string& name : file_.names()) {
    const std::size_t end = name.find(".bn1.weight");
    if (name.starts_with("init.features.") && end != std::string::npos) blocks.insert(name.substr(0, end));
  }
  const auto& metadata = file_.metadata();
  ResNetConfig config;
  config.block = BlockKind::sttn;
  config.stem = Stem::imagenet;
  config.widths = nlohmann::json::parse(metadata.at("widths")).get<std::vector<std::int64_t>>();
  config.depths.assign(config.widths.size(), 1);
  REQUIRE(blocks.size() == config.widths.size());
  config.classes = std::stoll(metadata.at("classes"));
  const std::int64_t size = std::stoll(metadata.at("size"));
  config.image = {size, size, 3};
  config.conv_bias = file_.contains("init.features.4.conv1_1.bias");
  return config;
}

// Loads the tensors "<prefix>NAME" by way of a file of their own, as from PyTorch.
void TrainTrace::load(const std::string& prefix, Module& network) const {
  const TemporaryDirectory folder;
  std::vector<std::pair<std::string, Tensor>> tensors;
  for (const std::string& name : file_.names()) {
    if (name.starts_with(prefix)) tensors.emplace_back(name.substr(prefix.size()), file_.read(name));
  }
  write_safetensors(folder / "state.safetensors", {}, tensors);
  load_weights(folder / "state.safetensors", network);
}

std::unique_ptr<Module> TrainTrace::make_network() const {
  std::unique_ptr<Module> network = make_resnet(config());
  load("init.", *network);
  return network;
}

std::unique_ptr<Optimizer> TrainTrace::make_optimizer(const Module& network) const {
  const auto& metadata = file_.metadata();
  REQUIRE(metadata.at("optimizer") == "adam");
  AdamConfig config;
  const std::string& betas = metadata.at("betas");
  config.beta1 = std::stod(betas);
  config.beta2 = std::stod(betas.substr(betas.find(',') + 1));
  config.eps = std::stod(metadata.at("eps"));
  return std::make_unique<Adam>(network.named_parameters(), config);
}

Deviations TrainTrace::of_forward(std::size_t step, const Tensor& logits, float loss) const {
  const Step& expected = steps_[step];
  const Differences d = differences(logits, expected.logits);
  const std::string of_step = " of step " + std::to_string(step);
  return {{"loss" + of_step, std::abs(loss - expected.loss) / kLossTolerance},
          {"logits" + of_step, d.norm / std::sqrt(static_cast<double>(d.count)) / kLogitTolerance, false}};
}

Deviations TrainTrace::of_first_gradients(const Module& network) const {
  Deviations deviations;
  for (const auto& [name, parameter] : network.named_parameters()) {
    if (is_dead(name) || !file_.contains("grad0." + name)) continue;
    INFO("gradient of " << name);
    REQUIRE(parameter.grad().defined());
    const Differences d = differences(in_pytorch_layout(parameter.grad()), file_.read("grad0." + name));
    deviations.push_back({"gradient of " + name, d.relative() / kGradientTolerance});
  }
  REQUIRE(deviations.size() > 10);
  return deviations;
}

Deviations TrainTrace::of_final_state(const Module& network) const {
  Deviations deviations;
  for (const StateEntry& entry : state_dict(network)) {
    if (is_dead(entry.name)) continue;
    INFO("final " << entry.name);
    const Differences d = differences(in_pytorch_layout(entry.tensor), file_.read("final." + entry.name));
    deviations.push_back({"final " + entry.name, d.relative() / kFinalTolerance});
  }
  return deviations;
}

Deviations TrainTrace::of_evaluation(Module& network, Device device) const {
  load("final.", network);
  network.train(false);
  const NoGrad no_grad;
  const Tensor images = channels_last(file_.read("eval.input")).to(device);
  const Tensor logits = network.forward(Variable(images)).value();
  return {{"evaluation", differences(logits, file_.read("eval.logits")).largest / kLogitTolerance}};
}

Replay::Replay(const TrainTrace& trace, Device device)
    : trace_(trace), device_(device), network_(trace.make_network()) {
  network_->to(device);
  optimizer_ = trace.make_optimizer(*network_);
}

Variable Replay::loss_of(std::size_t step, const Variable& logits) const {
  const TrainTrace::Step& given = trace_.steps()[step];
  return given.target.defined() ? softmax_cross_entropy(logits, given.target.to(device_))
                                : distillation_loss(logits, given.teacher_logits.to(device_));
}

Deviations Replay::train(std::size_t step, const Forward& forward) {
  network_->clear_gradients();
  const Variable logits = forward(Variable(trace_.steps()[step].images.to(device_)));
  const Variable loss = loss_of(step, logits);
  losses_.push_back(loss.value().item());
  Deviations deviations = trace_.of_forward(step, logits.value(), losses_.back());
  loss.backward();
  if (step == 0) {
    const Deviations gradients = trace_.of_first_gradients(*network_);
    deviations.insert(deviations.end(), gradients.begin(), gradients.end());
  }
  optimizer_->step(trace_.learning_rate());
  return deviations;
}

Deviations Replay::look(std::size_t step, const Forward& forward) {
  if (step == trace_.steps().size()) return trace_.of_final_state(*network_);
  const NoGrad no_grad;
  const Variable logits = forward(Variable(trace_.steps()[step].images.to(device_)));
  return trace_.of_forward(step, logits.value(), loss_of(step, logits).value().item());
}

std::vector<Tensor> Replay::state() const {
  std::vector<Tensor> tensors;
  for (const StateEntry& entry : state_dict(*network_)) tensors.push_back(entry.tensor);
  for (const auto& [name, tensor] : optimizer_->state()) tensors.push_back(tensor);
  return tensors;
}

Replay::Snapshot Replay::save() const {
  Snapshot snapshot;
  for (const Tensor& tensor : state()) snapshot.push_back(tensor.clone());
  return snapshot;
}

void Replay::restore(const Snapshot& snapshot) {
  std::vector<Tensor> tensors = state();
  for (std::size_t i = 0; i < tensors.size(); ++i) tensors[i].copy_from(snapshot[i]);
}

}  // namespace tern::test
