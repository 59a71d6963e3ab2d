#include "tern/layers/autograd/saved.h"

#include "tern/core/error.h"

namespace tern {

std::string to_string(SavedKind kind) {
  switch (kind) {
    case SavedKind::input:
      return "input";
    case SavedKind::activation:
      return "activation";
    case SavedKind::ternary:
      return "ternary";
    case SavedKind::mask:
      return "mask";
    case SavedKind::integer:
      return "integer";
    case SavedKind::index:
      return "index";
  }
  throw Error("to_string: not a kind of saved value");
}

const Tensor& SavedValue::storage() const {
  if (const auto* packed = std::get_if<PackedTernary>(&value)) return packed->storage();
  return std::get<Tensor>(value);
}

}  // namespace tern
