// Reads ONNX files field by field; the numbers of the fields are those of onnx.proto.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "tests/support/catch.h"

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

/// The operation of this name; the test fails if there is none.
const Operation& find_operation(const Model& model, const std::string& name);

/// The elements of a constant; the test fails if there is none of this name.
template <class T>
std::vector<T> constant_values(const Model& model, const std::string& name) {
  INFO(name);
  REQUIRE(model.constants.count(name) == 1);
  const std::string& data = model.constants.at(name).data;
  std::vector<T> values(data.size() / sizeof(T));
  std::memcpy(values.data(), data.data(), data.size());
  return values;
}

}  // namespace tern::test
