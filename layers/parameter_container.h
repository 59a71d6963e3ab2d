// ParameterContainer: a node in the tree of a network's named parameters, buffers and children. Module adds
// forward().
//
// Parameters are trained; buffers are saved with them but not trained (running statistics). Both keep their
// storage until to() moves them: optimisers and loading overwrite the elements in place. Dotted names such as
// "features.0.weight" follow PyTorch: those of a container come before those of its children, each in the
// order of registration.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tern/core/tensor.h"
#include "tern/layers/autograd/variable.h"
#include "tern/layers/named_tensors.h"
#include "tern/layers/parameter_role.h"

namespace tern {

/// A parameter as its container has registered it.
struct ModuleParameter {
  std::string name;
  Variable variable;  ///< A handle.
  ParameterRole role = ParameterRole::weight;
};

class ParameterContainer {
 public:
  ParameterContainer() = default;
  virtual ~ParameterContainer() = default;
  ParameterContainer(const ParameterContainer&) = delete;
  ParameterContainer& operator=(const ParameterContainer&) = delete;

  /// Switches this container and all below it to training (the initial state) or evaluation.
  void train(bool on = true);
  bool training() const { return training_; }

  /// Dotted name from the root of the network, for messages; "" for the root itself.
  std::string path() const;

  /// Handles on the parameters and buffers of this container and, with `recurse`, of all below it. Names
  /// are relative to this container.
  NamedVariables named_parameters(bool recurse = true) const;
  /// The same parameters in the same order, with their roles.
  std::vector<ModuleParameter> parameters(bool recurse = true) const;
  NamedTensors named_buffers(bool recurse = true) const;

  /// Calls visitor(path, container) for this container (path "") and all below it, parents before children.
  /// Paths are relative to this container.
  void visit(const std::function<void(const std::string& path, ParameterContainer&)>& visitor);
  void visit(const std::function<void(const std::string& path, const ParameterContainer&)>& visitor) const;

  /// Moves all parameters and buffers to `device`, except counters (i64 buffers), in which the host counts.
  /// The parameters stay the same variables, without gradients; optimisers are made afterwards.
  void to(Device device);

  /// Drops the gradients of all parameters.
  void clear_gradients();

 protected:
  // Names are not empty, hold no dot and are unique in the container, or ShapeError is thrown. The returned
  // references are valid as long as the container.

  /// A variable that requires a gradient and starts as `value` (f32).
  Variable& register_parameter(const std::string& name, Tensor value,
                               ParameterRole role = ParameterRole::weight);
  Tensor& register_buffer(const std::string& name, Tensor value);
  /// `separator` stands between the path of this module and `name`. The official STTN network names the
  /// branches of a layer conv1 conv1_1 and conv1_2, so these are joined by '_'.
  template <class M>
  M& add_module(const std::string& name, std::unique_ptr<M> child, char separator = '.') {
    check_name(name);
    return adopt_and_return(name, std::move(child), separator);
  }
  /// A child without a name: its parameters are named as if they were this container's own.
  template <class M>
  M& add_unnamed(std::unique_ptr<M> child) {
    return adopt_and_return("", std::move(child), '.');
  }

 private:
  template <class Self, class Visitor>
  static void walk(Self& container, const std::string& path, const Visitor& visitor);
  void check_name(const std::string& name) const;
  void adopt(const std::string& name, std::unique_ptr<ParameterContainer> child, char separator);
  template <class M>
  M& adopt_and_return(const std::string& name, std::unique_ptr<M> child, char separator) {
    M* added = child.get();
    adopt(name, std::move(child), separator);
    return *added;
  }

  // Deques, because their elements stay where they are.
  std::deque<ModuleParameter> parameters_;
  std::deque<std::pair<std::string, Tensor>> buffers_;
  std::deque<std::pair<std::string, std::unique_ptr<ParameterContainer>>> children_;
  const ParameterContainer* parent_ = nullptr;
  std::string name_;
  char separator_ = '.';
  bool training_ = true;
};

}  // namespace tern
