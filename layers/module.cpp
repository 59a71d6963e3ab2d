#include "tern/layers/module.h"

#include <algorithm>

#include "tern/core/dotted_path.h"
#include "tern/core/error.h"
#include "tern/core/format.h"

namespace tern {

template <class Self, class Visitor>
void Module::walk(Self& module, const std::string& path, const Visitor& visitor) {
  visitor(path, module);
  for (const auto& [name, child] : module.children_) {
    walk(static_cast<Self&>(*child), join_path(path, name, child->separator_), visitor);
  }
}

void Module::visit(const std::function<void(const std::string&, Module&)>& visitor) {
  walk(*this, "", visitor);
}

void Module::visit(const std::function<void(const std::string&, const Module&)>& visitor) const {
  walk(*this, "", visitor);
}

void Module::train(bool on) {
  visit([on](const std::string&, Module& module) { module.training_ = on; });
}

std::string Module::path() const {
  return parent_ == nullptr ? "" : join_path(parent_->path(), name_, separator_);
}

NamedVariables Module::named_parameters(bool recurse) const {
  if (!recurse) return {parameters_.begin(), parameters_.end()};
  NamedVariables all;
  visit([&all](const std::string& path, const Module& module) {
    for (const auto& [name, variable] : module.parameters_) all.emplace_back(join_path(path, name), variable);
  });
  return all;
}

NamedTensors Module::named_buffers(bool recurse) const {
  if (!recurse) return {buffers_.begin(), buffers_.end()};
  NamedTensors all;
  visit([&all](const std::string& path, const Module& module) {
    for (const auto& [name, tensor] : module.buffers_) all.emplace_back(join_path(path, name), tensor);
  });
  return all;
}

void Module::to(Device device) {
  clear_gradients();
  visit([device](const std::string&, Module& module) {
    for (auto& [name, variable] : module.parameters_) {
      variable.mutable_value() = variable.value().to(device);
    }
    for (auto& [name, tensor] : module.buffers_) {
      if (tensor.dtype() != DType::i64) tensor = tensor.to(device);
    }
  });
}

void Module::clear_gradients() {
  visit([](const std::string&, Module& module) {
    for (auto& entry : module.parameters_) entry.second.clear_grad();
  });
}

Variable& Module::register_parameter(const std::string& name, Tensor value) {
  check_name(name);
  require<ShapeError>(value.defined() && value.dtype() == DType::f32,
                      "Module: parameter '{}' is undefined or not f32", name);
  return parameters_.emplace_back(name, Variable(std::move(value), true)).second;
}

Tensor& Module::register_buffer(const std::string& name, Tensor value) {
  check_name(name);
  require<ShapeError>(value.defined(), "Module: buffer '{}' is undefined", name);
  return buffers_.emplace_back(name, std::move(value)).second;
}

void Module::adopt(const std::string& name, std::unique_ptr<Module> child, char separator) {
  check_name(name);
  require<ShapeError>(child != nullptr, "Module: child '{}' is null", name);
  child->parent_ = this;
  child->name_ = name;
  child->separator_ = separator;
  child->train(training_);
  children_.emplace_back(name, std::move(child));
}

void Module::check_name(const std::string& name) const {
  require<ShapeError>(!name.empty() && name.find('.') == std::string::npos,
                      "Module: '{}' is not a name: names are not empty and hold no dot", name);
  const auto has_name = [&name](const auto& entry) { return entry.first == name; };
  const bool taken = std::any_of(parameters_.begin(), parameters_.end(), has_name) ||
                     std::any_of(buffers_.begin(), buffers_.end(), has_name) ||
                     std::any_of(children_.begin(), children_.end(), has_name);
  require<ShapeError>(!taken, "Module: the name '{}' is taken", name);
}

}  // namespace tern
