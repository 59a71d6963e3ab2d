#include "tern/layers/parameter_container.h"

#include <algorithm>

#include "tern/core/dotted_path.h"
#include "tern/core/error.h"
#include "tern/core/format.h"

namespace tern {

template <class Self, class Visitor>
void ParameterContainer::walk(Self& module, const std::string& path, const Visitor& visitor) {
  visitor(path, module);
  for (const auto& [name, child] : module.children_) {
    walk(static_cast<Self&>(*child), join_path(path, name, child->separator_), visitor);
  }
}

void ParameterContainer::visit(const std::function<void(const std::string&, ParameterContainer&)>& visitor) {
  walk(*this, "", visitor);
}

void ParameterContainer::visit(
    const std::function<void(const std::string&, const ParameterContainer&)>& visitor) const {
  walk(*this, "", visitor);
}

void ParameterContainer::train(bool on) {
  visit([on](const std::string&, ParameterContainer& module) { module.training_ = on; });
}

std::string ParameterContainer::path() const {
  return parent_ == nullptr ? "" : join_path(parent_->path(), name_, separator_);
}

NamedVariables ParameterContainer::named_parameters(bool recurse) const {
  NamedVariables all;
  for (ModuleParameter& parameter : parameters(recurse)) {
    all.emplace_back(std::move(parameter.name), std::move(parameter.variable));
  }
  return all;
}

std::vector<ModuleParameter> ParameterContainer::parameters(bool recurse) const {
  if (!recurse) return {parameters_.begin(), parameters_.end()};
  std::vector<ModuleParameter> all;
  visit([&all](const std::string& path, const ParameterContainer& module) {
    for (const ModuleParameter& parameter : module.parameters_) {
      all.push_back({join_path(path, parameter.name), parameter.variable, parameter.role});
    }
  });
  return all;
}

NamedTensors ParameterContainer::named_buffers(bool recurse) const {
  if (!recurse) return {buffers_.begin(), buffers_.end()};
  NamedTensors all;
  visit([&all](const std::string& path, const ParameterContainer& module) {
    for (const auto& [name, tensor] : module.buffers_) all.emplace_back(join_path(path, name), tensor);
  });
  return all;
}

void ParameterContainer::to(Device device) {
  clear_gradients();
  visit([device](const std::string&, ParameterContainer& module) {
    for (auto& [name, variable, role] : module.parameters_) {
      variable.mutable_value() = variable.value().to(device);
    }
    for (auto& [name, tensor] : module.buffers_) {
      if (tensor.dtype() != DType::i64) tensor = tensor.to(device);
    }
  });
}

void ParameterContainer::clear_gradients() {
  visit([](const std::string&, ParameterContainer& module) {
    for (ModuleParameter& parameter : module.parameters_) parameter.variable.clear_grad();
  });
}

Variable& ParameterContainer::register_parameter(const std::string& name, Tensor value, ParameterRole role) {
  check_name(name);
  require<ShapeError>(value.defined() && value.dtype() == DType::f32,
                      "Module: parameter '{}' is undefined or not f32", name);
  return parameters_.emplace_back(ModuleParameter{name, Variable(std::move(value), true), role}).variable;
}

Tensor& ParameterContainer::register_buffer(const std::string& name, Tensor value) {
  check_name(name);
  require<ShapeError>(value.defined(), "Module: buffer '{}' is undefined", name);
  return buffers_.emplace_back(name, std::move(value)).second;
}

void ParameterContainer::adopt(const std::string& name, std::unique_ptr<ParameterContainer> child,
                               char separator) {
  require<ShapeError>(child != nullptr, "Module: child '{}' is null", name);
  child->parent_ = this;
  child->name_ = name;
  child->separator_ = separator;
  child->train(training_);
  children_.emplace_back(name, std::move(child));
}

void ParameterContainer::check_name(const std::string& name) const {
  require<ShapeError>(!name.empty() && name.find('.') == std::string::npos,
                      "Module: '{}' is not a name: names are not empty and hold no dot", name);
  const auto is_named = [&name](const ModuleParameter& parameter) { return parameter.name == name; };
  const auto has_name = [&name](const auto& entry) { return entry.first == name; };
  const bool taken = std::any_of(parameters_.begin(), parameters_.end(), is_named) ||
                     std::any_of(buffers_.begin(), buffers_.end(), has_name) ||
                     std::any_of(children_.begin(), children_.end(), has_name);
  require<ShapeError>(!taken, "Module: the name '{}' is taken", name);
}

}  // namespace tern
