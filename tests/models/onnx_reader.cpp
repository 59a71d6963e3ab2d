#include "tests/models/onnx_reader.h"

#include <algorithm>
#include <protozero/pbf_reader.hpp>

#include "tests/support/catch.h"

namespace tern::test {
namespace {

using protozero::pbf_reader;

void read_attribute(pbf_reader message, Operation& node) {
  constexpr int kInt = 2, kInts = 7;  // AttributeProto.AttributeType
  std::string name;
  Integers values;
  int type = 0, expected_type = 0;
  while (message.next()) {
    if (message.tag() == 1) {
      name = message.get_string();
    } else if (message.tag() == 3 || message.tag() == 8) {
      expected_type = message.tag() == 3 ? kInt : kInts;
      values.push_back(message.get_int64());
    } else if (message.tag() == 20) {
      type = message.get_enum();
    } else {
      message.skip();
    }
  }
  CHECK(type == expected_type);
  node.attributes[name] = values;
}

Operation read_node(pbf_reader message) {
  Operation node;
  while (message.next()) {
    if (message.tag() == 1)
      node.inputs.push_back(message.get_string());
    else if (message.tag() == 2)
      node.outputs.push_back(message.get_string());
    else if (message.tag() == 3)
      node.name = message.get_string();
    else if (message.tag() == 4)
      node.op = message.get_string();
    else if (message.tag() == 5)
      read_attribute(message.get_message(), node);
    else
      message.skip();
  }
  return node;
}

void read_constant(pbf_reader message, Model& model) {
  Constant constant;
  std::string name;
  while (message.next()) {
    if (message.tag() == 1)
      constant.shape.push_back(message.get_int64());
    else if (message.tag() == 2)
      constant.type = message.get_int32();
    else if (message.tag() == 8)
      name = message.get_string();
    else if (message.tag() == 9)
      constant.data = message.get_bytes();
    else
      message.skip();
  }
  CHECK(model.constants.emplace(name, constant).second);
}

pbf_reader child(pbf_reader message, protozero::pbf_tag_type tag) {
  REQUIRE(message.next(tag));
  return message.get_message();
}

Value read_value(pbf_reader message) {
  Value value;
  pbf_reader tensor = child(child(message, 2), 1), shape = child(tensor, 2);
  REQUIRE(message.next(1));
  value.name = message.get_string();
  REQUIRE(tensor.next(1));
  CHECK(tensor.get_enum() == 1);  // TensorProto.DataType of floats
  while (shape.next(1)) {
    pbf_reader extent = shape.get_message();
    REQUIRE(extent.next());
    value.shape.push_back(extent.tag() == 1 ? std::to_string(extent.get_int64()) : extent.get_string());
  }
  return value;
}

void read_graph(pbf_reader message, Model& model) {
  while (message.next()) {
    if (message.tag() == 1)
      model.nodes.push_back(read_node(message.get_message()));
    else if (message.tag() == 5)
      read_constant(message.get_message(), model);
    else if (message.tag() == 11)
      model.inputs.push_back(read_value(message.get_message()));
    else if (message.tag() == 12)
      model.outputs.push_back(read_value(message.get_message()));
    else
      message.skip();
  }
}

}  // namespace

Model read_model(const std::string& bytes) {
  Model model;
  pbf_reader message(bytes);
  while (message.next()) {
    if (message.tag() == 1) {
      model.ir_version = message.get_int64();
    } else if (message.tag() == 7) {
      read_graph(message.get_message(), model);
    } else if (message.tag() == 8) {
      pbf_reader opset = message.get_message();
      REQUIRE(opset.next(2));
      model.opset = opset.get_int64();
    } else if (message.tag() == 14) {
      pbf_reader entry = message.get_message(), again = entry;
      REQUIRE((entry.next(1) && again.next(2)));
      model.metadata[entry.get_string()] = again.get_string();
    } else {
      message.skip();
    }
  }
  return model;
}

const Operation& find_operation(const Model& model, const std::string& name) {
  const auto found = std::find_if(model.nodes.begin(), model.nodes.end(),
                                  [&name](const Operation& node) { return node.name == name; });
  INFO(name);
  REQUIRE(found != model.nodes.end());
  return *found;
}

}  // namespace tern::test
