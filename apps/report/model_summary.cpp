#include "tern/apps/report/model_summary.h"

#include <fmt/format.h>

#include <algorithm>

#include "tern/core/format.h"

namespace tern {
namespace {

struct Row {
  std::int64_t parameters = 0;
  double bits = 0;  // of all of them
  std::int64_t macs = 0;
};

// Merged ternary weights are stored five a byte (models/trits.h), those of four levels four a byte, all else
// as floats.
double stored_bits(const graph::Node& node, const graph::Parameter& parameter) {
  const bool packed = is_ternary(node.op) && node.method.empty() && parameter.role == "weight";
  if (!packed) return 32.0;
  return node.levels == WeightLevels::four ? 8.0 / 4 : 8.0 / 5;
}

Row measure(const graph::Graph& network, const graph::Node& node) {
  Row row;
  for (const graph::Parameter& parameter : node.parameters) {
    row.parameters += parameter.shape.numel();
    row.bits += static_cast<double>(parameter.shape.numel()) * stored_bits(node, parameter);
  }
  row.macs = multiply_adds(network, node);
  return row;
}

}  // namespace

std::string model_summary(const graph::Graph& network) {
  std::size_t width = 5;
  for (const graph::Node& node : network.nodes) width = std::max(width, node.name.size());
  std::string table = fmt::format("{:<{}}  {:<18}  {:<16}  {:>10}  {:>4}  {:>14}\n", "layer", width, "kind",
                                  "output", "parameters", "bits", "MACs");
  Row total;
  for (const graph::Node& node : network.nodes) {
    const Row row = measure(network, node);
    table += fmt::format("{:<{}}  {:<18}  {:<16}  {:>10}  {:>4.1f}  {:>14}\n", node.name, width,
                         to_string(node.op), to_string(node.output), row.parameters,
                         row.parameters > 0 ? row.bits / static_cast<double>(row.parameters) : 0.0, row.macs);
    total.parameters += row.parameters;
    total.bits += row.bits;
    total.macs += row.macs;
  }
  return table + fmt::format("total: {} parameters, {:.3f} GMAC per image, {:.3f} MB\n", total.parameters,
                             static_cast<double>(total.macs) * 1e-9, total.bits / 8e6);
}

}  // namespace tern
