// Reads ONNX files field by field; the numbers of the fields are those of onnx.proto.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tern::test {

using Integers = std::vector<std::int64_t>;

struct Operation {
  std::string op, name;
  std::vector<std::string> inputs, outputs;
  std::map<std::string, Integers> attributes;  // a single integer as a list of one
};

struct Constant {
  std::vector<std::int64_t> shape;
  std::int32_t type = 0;
  std::string data;
};

/// A float input or output.
struct Value {
  std::string name;
  std::vector<std::string> shape;  // a number, or the name of an extent of any size
};

/// What the tests need of a model.
struct Model {
  std::int64_t ir_version = 0, opset = 0;
  std::vector<Operation> nodes;
  std::map<std::string, Constant> constants;
  std::vector<Value> inputs, outputs;
  std::map<std::string, std::string> metadata;
};

Model read_model(const std::string& bytes);

}  // namespace tern::test
