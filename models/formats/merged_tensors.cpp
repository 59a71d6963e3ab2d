#include "tern/models/formats/merged_tensors.h"

#include <set>

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/layers/weight_layout.h"
#include "tern/models/formats/stored_name.h"
#include "tern/models/model_values.h"
#include "tern/models/packed_weights.h"

namespace tern {
namespace {

using graph::Parameter;

Tensor stored_tensor(const graph::Node& node, const Parameter& parameter, const Tensor& tensor) {
  if (is_ternary_weight(node, parameter)) return pack_weights(tensor, node.levels);
  return tensor.shape().rank() == 4 ? ohwi_to_oihw(tensor) : tensor;
}

Tensor unpack_weight(const std::string& name, const Tensor& bytes, const Shape& shape, WeightLevels levels) {
  try {
    return unpack_weights(bytes, shape, levels);
  } catch (const DataError& error) {
    throw DataError(name + ": " + error.what());
  }
}

Tensor read_parameter(const SafetensorsFile& file, const graph::Node& node, const Parameter& parameter) {
  const std::string name = stored_name(node, parameter);
  const Tensor stored = file.read(name);
  if (is_ternary_weight(node, parameter)) return unpack_weight(name, stored, parameter.shape, node.levels);
  const Shape& s = parameter.shape;
  const Shape expected = s.rank() == 4 ? Shape{s[0], s[3], s[1], s[2]} : s;
  require<DataError>(stored.dtype() == DType::f32 && stored.shape() == expected,
                     "{} is {} {}, expected {} {}", name, stored.dtype(), stored.shape(), DType::f32,
                     expected);
  check_values(name, stored.data<float>(), static_cast<std::size_t>(stored.numel()));
  return s.rank() == 4 ? oihw_to_ohwi(stored) : stored;
}

}  // namespace

std::vector<std::pair<std::string, Tensor>> merged_tensors(const MergedNetwork& network) {
  std::vector<std::pair<std::string, Tensor>> tensors;
  for (const graph::Node& node : network.graph.nodes) {
    for (const Parameter& parameter : node.parameters) {
      const Tensor tensor = network.state.at(parameter.name).to(Device{});
      tensors.emplace_back(stored_name(node, parameter), stored_tensor(node, parameter, tensor));
    }
  }
  return tensors;
}

std::map<std::string, Tensor> read_merged_tensors(const SafetensorsFile& file, const graph::Graph& graph) {
  const std::vector<std::string> names = file.names();
  std::set<std::string> left(names.begin(), names.end());
  std::map<std::string, Tensor> state;
  for (const graph::Node& node : graph.nodes) {
    for (const Parameter& parameter : node.parameters) {
      const std::string name = stored_name(node, parameter);
      require<DataError>(left.erase(name) > 0, "tensor {} of the network is missing", name);
      state.emplace(parameter.name, read_parameter(file, node, parameter));
    }
  }
  for (const std::string& name : left) {
    require<DataError>(name.ends_with(".num_batches_tracked"),
                       "tensor {} does not belong to the network that the metadata describes", name);
  }
  return state;
}

}  // namespace tern
