// Writes the bytes of an ONNX model (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). Values are
// known by their names; each operator has one output, which has the name of the operator.
#pragma once

#include <cstdint>
#include <map>
#include <set>
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

class ModelWriter {
 public:
  // Each returns `name`. Throws Error if another operator, constant or input has this name.

  /// Appends the operator `op` of the standard operator set.
  std::string append(const std::string& op, const std::string& name, const std::vector<std::string>& inputs,
                     const Attributes& attributes = {});
  /// Adds a constant. A scalar has the shape {}. Throws ShapeError unless there is a value for each element.
  std::string constant(const std::string& name, const Extents& shape, const std::vector<float>& values);
  std::string constant(const std::string& name, const Extents& shape, const std::vector<std::int8_t>& values);
  std::string constant(const std::string& name, const Extents& shape,
                       const std::vector<std::int64_t>& values);
  /// Adds a float input of shape (batch, shape...). The batch has any size.
  std::string input(const std::string& name, const Extents& shape);

  /// Marks the value `name` as an output of shape (batch, shape...).
  void output(const std::string& name, const Extents& shape);

  /// The bytes of the model: IR version 8, operator set 17.
  std::string model(const std::string& graph_name, const std::map<std::string, std::string>& metadata) const;

 private:
  void claim(const std::string& name);
  template <class T>
  std::string add_constant(DataType type, const std::string& name, const Extents& shape,
                           const std::vector<T>& values);

  std::string graph_;  // GraphProto, serialised field by field
  std::set<std::string> names_;
};

}  // namespace tern::onnx
