#include "tern/apps/compare/model_comparison.h"

#include <fmt/format.h>

#include <filesystem>

#include "tern/apps/compare/equal_bits.h"
#include "tern/models/merge.h"
#include "tern/models/zero_fractions.h"

namespace tern {
namespace {

// The network with one 32-bit weight where there is a pair or a ternary weight.
std::int64_t float_bytes(const LoadedModel& model) {
  graph::Graph network = model.graph;
  if (!network.merged()) network = merge(*model.network, network.input().output).graph;
  std::int64_t bytes = 0;
  for (const graph::Node& node : network.nodes) {
    for (const graph::Parameter& parameter : node.parameters) bytes += parameter.shape.numel() * 4;
  }
  return bytes;
}

std::string logits_row(const EvaluatedModel& a, const EvaluatedModel& b) {
  if (a.logits.size() != b.logits.size()) return "different numbers of logits";
  const std::int64_t different = count_bitwise_unequal(a.logits, b.logits);
  if (different == 0) return fmt::format("all {} equal to the bit", a.logits.size());
  return fmt::format("{} of {} differ", different, a.logits.size());
}

std::string zeros_rows(const Module& network) {
  std::string rows;
  for (const LayerZeros& layer : zero_fractions(network)) {
    rows += fmt::format("  zeros in {:<20} {:>6.2f} %\n", layer.name, 100 * layer.fraction);
  }
  return rows;
}

}  // namespace

std::string comparison_table(const EvaluatedModel& a, const EvaluatedModel& b) {
  const auto size = [](const EvaluatedModel& model) { return std::filesystem::file_size(model.path); };
  const auto row = [&](const EvaluatedModel& model) {
    return fmt::format("  {:<29} {:>6.2f} %  {:>10} bytes\n",
                       std::filesystem::path(model.path).filename().string(),
                       100 * model.evaluation.accuracy(), size(model));
  };
  return fmt::format("accuracy on {} images, and size\n", a.evaluation.samples) + row(a) + row(b) +
         fmt::format("  {:<29} {:>8}  {:>10} bytes\n", "(the same network in floats)", "",
                     float_bytes(*a.model)) +
         fmt::format("logits: {}\n", logits_row(a, b)) + zeros_rows(*b.model->network);
}

}  // namespace tern
