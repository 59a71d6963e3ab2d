// The loops of peak_loops.h in which instruction sets differ by their vectors alone. To be included where the
// instruction set is chosen, so that it is compiled for that one; nothing of it is visible to other files.
//
// `Lanes` has the registers Floats and Integers, of f32 and of i8, and
//   broadcast(float), broadcast(std::int8_t)
//   fma(a, b, sum)        a * b + sum
//   dot(sum, u8, i8)      sum + products of bytes, added up four by four into lanes of 32 bits
#pragma once

#include <cstdint>

namespace tern::bench {
namespace {

/// Makes the compiler believe that the register has changed, so that it neither computes anything once for
/// all steps nor takes two registers for one.
template <class Register>
inline __attribute__((always_inline)) void renew(Register& value) {
  asm volatile("" : "+v"(value));
}

// As many as hide the latency of a multiply-add: 4 cycles, two per cycle, and some to spare.
constexpr int kAccumulators = 12;

template <class Lanes>
double fp32_fma(std::int64_t steps) {
  using Floats = typename Lanes::Floats;
  Floats sums[kAccumulators] = {}, a = Lanes::broadcast(1.0f);
  const Floats b = Lanes::broadcast(0.0f);
  for (Floats& sum : sums) renew(sum);
  for (std::int64_t step = 0; step < steps; ++step) {
#pragma GCC unroll 12
    for (Floats& sum : sums) sum = Lanes::fma(a, b, sum);
    renew(a);
  }
  for (Floats& sum : sums) renew(sum);
  return static_cast<double>(steps) * kAccumulators * (sizeof(Floats) / sizeof(float));
}

template <class Lanes>
double int8_dot(std::int64_t steps) {
  using Integers = typename Lanes::Integers;
  Integers sums[kAccumulators] = {}, a = Lanes::broadcast(std::int8_t{1});
  const Integers b = Lanes::broadcast(std::int8_t{-1});
  for (Integers& sum : sums) renew(sum);
  for (std::int64_t step = 0; step < steps; ++step) {
#pragma GCC unroll 12
    for (Integers& sum : sums) {
      renew(a);
      sum = Lanes::dot(sum, a, b);
    }
  }
  for (Integers& sum : sums) renew(sum);
  return static_cast<double>(steps) * kAccumulators * sizeof(Integers);
}

}  // namespace
}  // namespace tern::bench
