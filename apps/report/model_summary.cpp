#include "tern/apps/report/model_summary.h"

#include <fmt/format.h>

#include <algorithm>

#include "tern/core/format.h"

namespace tern {
namespace {

double bits(const LayerDescription& layer) {
  return static_cast<double>(layer.parameters) * layer.bits_per_parameter;
}

std::string row(std::size_t width, const LayerDescription& layer) {
  return fmt::format("{:<{}}  {:<20}  {:<20}  {:>11}  {:>4.1f}  {:>14}\n", layer.path, width, layer.kind,
                     to_string(layer.output), layer.parameters,
                     layer.parameters > 0 ? layer.bits_per_parameter : 0.0, layer.macs);
}

}  // namespace

std::string model_summary(const Module& network, const ResNetConfig& config) {
  Description description;
  network.describe({1, config.input_size, config.input_size, 3}, description);
  std::size_t width = 5;
  for (const LayerDescription& layer : description.layers()) width = std::max(width, layer.path.size());
  std::string table = fmt::format("{:<{}}  {:<20}  {:<20}  {:>11}  {:>4}  {:>14}\n", "layer", width, "kind",
                                  "output", "parameters", "bits", "MACs");
  std::int64_t parameters = 0, macs = 0;
  double total_bits = 0;
  for (const LayerDescription& layer : description.layers()) {
    table += row(width, layer);
    parameters += layer.parameters;
    macs += layer.macs;
    total_bits += bits(layer);
  }
  return table + fmt::format("total: {} parameters, {:.3f} GMAC per image, {:.3f} MB\n", parameters,
                             static_cast<double>(macs) * 1e-9, total_bits / 8e6);
}

}  // namespace tern
