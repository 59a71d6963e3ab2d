#include "tern/models/onnx/model_writer.h"

#include <protozero/pbf_builder.hpp>

#include "tern/core/error.h"

namespace tern::onnx {
namespace {

// The fields used of each message of onnx.proto, by their numbers there.
enum class ModelProto : protozero::pbf_tag_type {
  ir_version = 1,
  producer_name = 2,
  graph = 7,
  opset_import = 8,
  metadata_props = 14
};
enum class OperatorSetIdProto : protozero::pbf_tag_type { version = 2 };
enum class StringStringEntryProto : protozero::pbf_tag_type { key = 1, value = 2 };
enum class GraphProto : protozero::pbf_tag_type {
  node = 1,
  name = 2,
  initializer = 5,
  input = 11,
  output = 12
};
enum class NodeProto : protozero::pbf_tag_type {
  input = 1,
  output = 2,
  name = 3,
  op_type = 4,
  attribute = 5
};
enum class AttributeProto : protozero::pbf_tag_type { name = 1, i = 3, ints = 8, type = 20 };
enum class TensorProto : protozero::pbf_tag_type { dims = 1, data_type = 2, name = 8, raw_data = 9 };
enum class ValueInfoProto : protozero::pbf_tag_type { name = 1, type = 2 };
enum class TypeProto : protozero::pbf_tag_type { tensor_type = 1 };
enum class TypeProtoTensor : protozero::pbf_tag_type { elem_type = 1, shape = 2 };
enum class TensorShapeProto : protozero::pbf_tag_type { dim = 1 };
enum class Dimension : protozero::pbf_tag_type { dim_value = 1, dim_param = 2 };

// AttributeProto.AttributeType
constexpr int kInt = 2;
constexpr int kInts = 7;

constexpr std::int64_t kIrVersion = 8;
constexpr std::int64_t kOpsetVersion = 17;

template <class Message>
using Builder = protozero::pbf_builder<Message>;

void add_attribute(Builder<NodeProto>& node, const std::string& name, const Attribute& value) {
  Builder<AttributeProto> attribute(node, NodeProto::attribute);
  attribute.add_string(AttributeProto::name, name);
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    attribute.add_int64(AttributeProto::i, *number);
    attribute.add_enum(AttributeProto::type, kInt);
  } else {
    for (const std::int64_t element : std::get<std::vector<std::int64_t>>(value)) {
      attribute.add_int64(AttributeProto::ints, element);
    }
    attribute.add_enum(AttributeProto::type, kInts);
  }
}

void add_value(std::string& graph, GraphProto role, const std::string& name, const Extents& shape) {
  Builder<GraphProto> builder(graph);
  Builder<ValueInfoProto> value(builder, role);
  value.add_string(ValueInfoProto::name, name);
  Builder<TypeProto> type(value, ValueInfoProto::type);
  Builder<TypeProtoTensor> tensor(type, TypeProto::tensor_type);
  tensor.add_enum(TypeProtoTensor::elem_type, static_cast<int>(DataType::float32));
  Builder<TensorShapeProto> extents(tensor, TypeProtoTensor::shape);
  Builder<Dimension>(extents, TensorShapeProto::dim).add_string(Dimension::dim_param, "batch");
  for (const std::int64_t extent : shape) {
    Builder<Dimension>(extents, TensorShapeProto::dim).add_int64(Dimension::dim_value, extent);
  }
}

}  // namespace

void ModelWriter::claim(const std::string& name) {
  require<Error>(names_.insert(name).second,
                 "onnx: two values would be called {}; rename the layer of this name", name);
}

std::string ModelWriter::append(const std::string& op, const std::string& name,
                                const std::vector<std::string>& inputs, const Attributes& attributes) {
  claim(name);
  Builder<GraphProto> graph(graph_);
  Builder<NodeProto> node(graph, GraphProto::node);
  for (const std::string& input : inputs) node.add_string(NodeProto::input, input);
  node.add_string(NodeProto::output, name);
  node.add_string(NodeProto::name, name);
  node.add_string(NodeProto::op_type, op);
  for (const auto& [attribute, value] : attributes) add_attribute(node, attribute, value);
  return name;
}

template <class T>
std::string ModelWriter::add_constant(DataType type, const std::string& name, const Extents& shape,
                                      const std::vector<T>& values) {
  claim(name);
  std::size_t count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
  require<ShapeError>(values.size() == count, "onnx: constant {} has {} values for {} elements", name,
                      values.size(), count);
  Builder<GraphProto> graph(graph_);
  Builder<TensorProto> tensor(graph, GraphProto::initializer);
  for (const std::int64_t extent : shape) tensor.add_int64(TensorProto::dims, extent);
  tensor.add_int32(TensorProto::data_type, static_cast<int>(type));
  tensor.add_string(TensorProto::name, name);
  // raw_data is little-endian, which all supported machines are (core/safetensors.h).
  tensor.add_bytes(TensorProto::raw_data, reinterpret_cast<const char*>(values.data()),
                   values.size() * sizeof(T));
  return name;
}

std::string ModelWriter::constant(const std::string& name, const Extents& shape,
                                  const std::vector<float>& values) {
  return add_constant(DataType::float32, name, shape, values);
}

std::string ModelWriter::constant(const std::string& name, const Extents& shape,
                                  const std::vector<std::int8_t>& values) {
  return add_constant(DataType::int8, name, shape, values);
}

std::string ModelWriter::constant(const std::string& name, const Extents& shape,
                                  const std::vector<std::int64_t>& values) {
  return add_constant(DataType::int64, name, shape, values);
}

std::string ModelWriter::input(const std::string& name, const Extents& shape) {
  claim(name);
  add_value(graph_, GraphProto::input, name, shape);
  return name;
}

void ModelWriter::output(const std::string& name, const Extents& shape) {
  add_value(graph_, GraphProto::output, name, shape);
}

std::string ModelWriter::model(const std::string& graph_name,
                               const std::map<std::string, std::string>& metadata) const {
  std::string graph = graph_;
  Builder<GraphProto>(graph).add_string(GraphProto::name, graph_name);
  std::string bytes;
  Builder<ModelProto> model(bytes);
  model.add_int64(ModelProto::ir_version, kIrVersion);
  Builder<OperatorSetIdProto>(model, ModelProto::opset_import)
      .add_int64(OperatorSetIdProto::version, kOpsetVersion);
  model.add_string(ModelProto::producer_name, "tern");
  model.add_message(ModelProto::graph, graph);
  for (const auto& [key, value] : metadata) {
    Builder<StringStringEntryProto> entry(model, ModelProto::metadata_props);
    entry.add_string(StringStringEntryProto::key, key);
    entry.add_string(StringStringEntryProto::value, value);
  }
  return bytes;
}

}  // namespace tern::onnx
