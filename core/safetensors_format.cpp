#include "tern/core/safetensors_format.h"

#include <algorithm>
#include <array>

#include "tern/core/error.h"
#include "tern/core/format.h"

namespace tern::safetensors {
namespace {

struct DTypeName {
  DType dtype;
  std::string_view name;
};
constexpr std::array<DTypeName, 7> kDTypeNames{{{DType::f32, "F32"},
                                                {DType::bf16, "BF16"},
                                                {DType::i8, "I8"},
                                                {DType::u8, "U8"},
                                                {DType::i16, "I16"},
                                                {DType::i32, "I32"},
                                                {DType::i64, "I64"}}};

}  // namespace

std::string_view dtype_name(DType dtype) {
  const auto* found = std::find_if(kDTypeNames.begin(), kDTypeNames.end(),
                                   [dtype](const DTypeName& known) { return known.dtype == dtype; });
  require<Error>(found != kDTypeNames.end(), "safetensors: {} has no name in the format", dtype);
  return found->name;
}

std::optional<DType> dtype_named(std::string_view name) {
  const auto* found = std::find_if(kDTypeNames.begin(), kDTypeNames.end(),
                                   [name](const DTypeName& known) { return known.name == name; });
  if (found == kDTypeNames.end()) return std::nullopt;
  return found->dtype;
}

}  // namespace tern::safetensors
