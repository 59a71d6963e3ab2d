// What a pickle of a state dict consists of: plain data and descriptions of tensors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tern/core/element_type.h"

namespace tern::pytorch {

struct Value;

struct None {};

/// An integer of more than 64 bits: its bytes, little-endian, two's complement.
struct BigInteger {
  std::string_view bytes;
};

/// A list or a tuple.
using Sequence = std::vector<Value*>;

/// A dict, an OrderedDict or a Counter, in the order of insertion.
using Dict = std::vector<std::pair<Value*, Value*>>;

/// A class or function that the reader knows.
struct Global {
  enum class Kind { mapping, size, storage, rebuild_tensor, rebuild_parameter };
  Kind kind;
  ElementType type;  ///< Of a storage.
};

/// The elements of one or more tensors, which stand elsewhere in the file.
struct Storage {
  std::string_view key;
  ElementType type;
  std::int64_t numel;

  bool operator==(const Storage&) const = default;
};

/// A view of a storage; nothing of it is checked. Offset and strides are counted in elements.
struct StridedTensor {
  Storage storage;
  std::int64_t offset;
  std::vector<std::int64_t> sizes, strides;
};

/// Strings point into the bytes of the pickle.
struct Value {
  std::variant<None, bool, std::int64_t, BigInteger, double, std::string_view, Sequence, Dict, Global,
               Storage, StridedTensor>
      content;
  int depth = 0;  ///< Levels of lists, tuples and dicts in it.

  template <class T>
  const T* as() const {
    return std::get_if<T>(&content);
  }
};

/// "a list", "a number", ..., for messages.
std::string kind_of(const Value& value);

}  // namespace tern::pytorch
