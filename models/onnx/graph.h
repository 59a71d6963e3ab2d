// An ONNX model (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) under construction, as far as
// exporting a network needs it. Values are known by their names; a node has one output, which has the name of
// the node.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace tern::onnx {

using Extents = std::vector<std::int64_t>;
/// An integer or a list of integers.
using Attribute = std::variant<std::int64_t, std::vector<std::int64_t>>;
using Attributes = std::vector<std::pair<std::string, Attribute>>;

/// TensorProto.DataType
enum class DataType { float32 = 1, int8 = 3, int64 = 7 };

class Graph {
 public:
  // Each returns `name`, for what uses the value.

  std::string node(const std::string& op, const std::string& name, const std::vector<std::string>& inputs,
                   const Attributes& attributes = {});
  /// A constant; as many values as `shape` has elements, {} being that of one number.
  std::string constant(const std::string& name, const Extents& shape, const std::vector<float>& values);
  std::string constant(const std::string& name, const Extents& shape, const std::vector<std::int8_t>& values);
  std::string constant(const std::string& name, const Extents& shape,
                       const std::vector<std::int64_t>& values);
  /// A float input or output (batch, shape...), the batch being of any size.
  std::string input(const std::string& name, const Extents& shape);
  std::string output(const std::string& name, const Extents& shape);

  /// The bytes of the model: IR version 8, the standard operators of version 17.
  std::string model(const std::string& graph_name, const std::map<std::string, std::string>& metadata) const;

 private:
  template <class T>
  std::string add_constant(DataType type, const std::string& name, const Extents& shape,
                           const std::vector<T>& values);

  std::string graph_;  // the fields of GraphProto so far
};

}  // namespace tern::onnx
