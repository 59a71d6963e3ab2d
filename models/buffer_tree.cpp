#include "tern/models/buffer_tree.h"

#include <memory>
#include <utility>

namespace tern {

Tensor& BufferTree::add(const std::string& name, Tensor tensor) {
  const auto dot = name.find('.');
  if (dot == std::string::npos) return register_buffer(name, std::move(tensor));
  const std::string first = name.substr(0, dot);
  auto child = children_by_name_.find(first);
  if (child == children_by_name_.end()) {
    child = children_by_name_.emplace(first, &add_module(first, std::make_unique<BufferTree>())).first;
  }
  return child->second->add(name.substr(dot + 1), std::move(tensor));
}

}  // namespace tern
