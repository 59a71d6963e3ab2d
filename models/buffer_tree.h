#pragma once

#include <map>
#include <string>

#include "tern/layers/parameter_container.h"

namespace tern {

/// Buffers by dotted names: "a.b.c" is the buffer c of the container b below a, as in the network that once
/// had modules of these names.
class BufferTree : public ParameterContainer {
 public:
  /// Throws ShapeError if the name is taken.
  Tensor& add(const std::string& name, Tensor tensor);

 private:
  std::map<std::string, BufferTree*> children_by_name_;
};

}  // namespace tern
