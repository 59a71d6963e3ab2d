// The sizes of a product of tiles: 16 x 32 times 32 x 16 values of bf16 give 16 x 16 sums in f32.
#pragma once

#include <cstdint>

namespace tern::kernels::cpu::amx {

constexpr std::int64_t kTile = 16;          // rows of a tile, and its columns of f32
constexpr std::int64_t kDepth = 2 * kTile;  // of one product: 16 pairs of bf16
constexpr std::int64_t kBlock = 2 * kTile;  // rows and columns of a block of sums, which is 2 x 2 tiles

constexpr std::int64_t round_up(std::int64_t value, std::int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

}  // namespace tern::kernels::cpu::amx
