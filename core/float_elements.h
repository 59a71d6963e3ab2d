// Floats of files, of any width, as f32.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tern {

/// Elements of files that other programs wrote: those of tensors, and others that reading converts.
enum class ElementType : std::uint8_t { f64, f32, f16, bf16, i64, i32, i16, i8, u8, boolean };

/// Writes `count` little-endian floats of `type`, which need not be aligned, to `values`. What is beyond the
/// numbers of f32 becomes infinite.
void convert_floats(ElementType type, const void* elements, std::size_t count, float* values);

}  // namespace tern
