#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "tern/layers/module.h"

namespace tern {

class BatchNorm2d;

/// Applies its children in the order in which they were added. Their names are "0", "1", ... A batch norm and
/// a ternary activation behind it are computed in one pass.
class Sequential : public Module {
 public:
  /// Appends `module` and returns it.
  template <class M>
  M& add(std::unique_ptr<M> module) {
    M& added = add_module(std::to_string(modules_.size()), std::move(module));
    modules_.push_back(&added);
    return added;
  }

  std::size_t size() const { return modules_.size(); }

  /// `x` itself if there are no children.
  Variable forward(const Variable& x) override { return forward_from(0, x); }
  /// The children from number `first` on.
  Variable forward_from(std::size_t first, const Variable& x);
  Value trace(GraphBuilder& graph, Value x) const override;

 private:
  /// Child i, if it is a batch norm before a ternary activation.
  BatchNorm2d* norm_to_fuse(std::size_t i) const;

  std::vector<Module*> modules_;
};

}  // namespace tern
