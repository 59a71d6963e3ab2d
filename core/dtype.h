// Element types of tensors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tern {

enum class DType : std::uint8_t { f32, bf16, i8, u8, i16, i32, i64 };

/// bfloat16 storage: the upper half of an IEEE-754 binary32. Arithmetic converts to float.
struct bfloat16 {
  std::uint16_t bits;
};

/// Size of one element in bytes.
std::size_t size_of(DType dtype);

/// "f32", "bf16", ...
std::string to_string(DType dtype);

template <class T>
struct dtype_of;
template <>
struct dtype_of<float> {
  static constexpr DType value = DType::f32;
};
template <>
struct dtype_of<bfloat16> {
  static constexpr DType value = DType::bf16;
};
template <>
struct dtype_of<std::int8_t> {
  static constexpr DType value = DType::i8;
};
template <>
struct dtype_of<std::uint8_t> {
  static constexpr DType value = DType::u8;
};
template <>
struct dtype_of<std::int16_t> {
  static constexpr DType value = DType::i16;
};
template <>
struct dtype_of<std::int32_t> {
  static constexpr DType value = DType::i32;
};
template <>
struct dtype_of<std::int64_t> {
  static constexpr DType value = DType::i64;
};

}  // namespace tern
