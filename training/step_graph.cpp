#include "tern/training/step_graph.h"

#include "tern/core/error.h"
#include "tern/layers/autograd/deferred_gradient.h"

namespace tern {
namespace {

// Buffers that count batches are on the host, wherever the network is.
std::vector<Tensor> host_counts(const Module& network) {
  std::vector<Tensor> counts;
  for (const auto& [name, buffer] : network.named_buffers()) {
    if (buffer.dtype() == DType::i64 && buffer.device() == Device{} && buffer.numel() == 1) {
      counts.push_back(buffer);
    }
  }
  return counts;
}

std::int64_t& count_in(Tensor& buffer) {
  return *buffer.data<std::int64_t>();
}

}  // namespace

StepGraph::StepGraph(Module& network, std::function<void(const std::string& reason)> given_up)
    : network_(network), given_up_(std::move(given_up)), parameters_(network.named_parameters()) {}

Backpropagation StepGraph::run(const Batch& batch, const Loss& loss, bool sums_of_squares) {
  if (computes_as_ever(batch)) return backpropagate(network_, batch, loss, sums_of_squares);
  if (!recorded_) {
    try {
      recorded_.emplace(record(batch, loss, sums_of_squares));
      return launch(batch);
    } catch (const Error& error) {
      recorded_.reset();
      network_.clear_gradients();
      gave_up_ = true;
      given_up_(error.what());
      return backpropagate(network_, batch, loss, sums_of_squares);
    }
  }
  return launch(batch);
}

bool StepGraph::computes_as_ever(const Batch& batch) {
  if (gave_up_ || batch.images.device().type == DeviceType::cpu || batch.partner_labels.defined()) {
    return true;
  }
  const BatchShape shape{batch.images.shape(), batch.labels.shape()};
  if (shape_ == shape) return false;
  if (!recorded_) shape_ = shape;
  return true;
}

StepGraph::Recorded StepGraph::record(const Batch& batch, const Loss& loss, bool sums_of_squares) {
  Recorded recorded;
  recorded.batch.images = batch.images.clone();
  recorded.batch.labels = batch.labels.clone();
  std::vector<Tensor> counts = host_counts(network_);
  for (Tensor& buffer : counts) recorded.counts.push_back({buffer, -count_in(buffer)});
  const auto restore_counts = [&] {
    for (Count& count : recorded.counts) {
      count.per_batch += count_in(count.buffer);
      count_in(count.buffer) -= count.per_batch;
    }
  };
  try {
    recorded.graph = record_graph(batch.images.device(), [&] {
      recorded.result = backpropagate(network_, recorded.batch, loss, sums_of_squares);
    });
  } catch (...) {
    restore_counts();
    throw;
  }
  restore_counts();
  for (const auto& [name, parameter] : parameters_) {
    Tape::swap_gradient(parameter, recorded.gradients.emplace_back());
  }
  return recorded;
}

const Backpropagation& StepGraph::launch(const Batch& batch) {
  recorded_->batch.images.copy_from(batch.images);
  recorded_->batch.labels.copy_from(batch.labels);
  recorded_->graph->launch();
  for (Count& count : recorded_->counts) count_in(count.buffer) += count.per_batch;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    LeafGradient gradient = recorded_->gradients[i];
    if (gradient.deferred.gradient) gradient.deferred.gradient->thaw();
    Tape::swap_gradient(parameters_[i].second, gradient);
  }
  return recorded_->result;
}

}  // namespace tern
