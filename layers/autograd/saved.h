// What a node keeps from the forward pass for its backward: the tape's account of memory is the sum of these.
#pragma once

#include <initializer_list>
#include <string>
#include <variant>
#include <vector>

#include "tern/core/packed_ternary.h"
#include "tern/core/tensor.h"

namespace tern {

enum class SavedKind {
  input,       // the images
  activation,  // float activations
  ternary,     // packed ternary activations, two bits each
  mask,        // straight-through masks, one bit each
  integer,     // outputs of ternary convolutions
  index,       // positions of maxima, labels
};

/// "input", "activation", ...
std::string to_string(SavedKind kind);

struct SavedValue {
  SavedKind kind;
  std::variant<Tensor, PackedTernary> value;  // may be undefined: then nothing is kept

  /// The storage; undefined if the value is.
  const Tensor& storage() const;
};

/// The saved values of one node, in the order in which it declared them.
class Saved {
 public:
  Saved() = default;
  Saved(std::initializer_list<SavedValue> values) : values_(values) {}

  const Tensor& operator[](std::size_t i) const { return std::get<Tensor>(values_.at(i).value); }
  const PackedTernary& packed(std::size_t i) const { return std::get<PackedTernary>(values_.at(i).value); }

  const std::vector<SavedValue>& values() const { return values_; }

 private:
  std::vector<SavedValue> values_;
};

}  // namespace tern
