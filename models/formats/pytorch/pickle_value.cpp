#include "tern/models/formats/pytorch/pickle_value.h"

#include <array>

namespace tern::pytorch {

std::string kind_of(const Value& value) {
  constexpr std::array kNames{
      "None",   "a boolean", "an integer",          "an integer of many digits",  "a number", "a string",
      "a list", "a dict",    "a class or function", "a storage without a tensor", "a tensor"};
  static_assert(kNames.size() == std::variant_size_v<decltype(value.content)>);
  return kNames[value.content.index()];
}

}  // namespace tern::pytorch
