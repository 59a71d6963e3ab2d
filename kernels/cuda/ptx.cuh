// The only inline PTX of the project: asynchronous copies to shared memory, matrix fragments, tensor-core
// products. PTX ISA 8.x, sections "cp.async", "ldmatrix" and "mma"; fragment layouts are drawn there and
// restated below.
//
// Asynchronous copies need sm_80. On sm_75 plain loads and the m8n8k16 product replace them behind the same
// names.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#ifdef TERN_EMULATED_CUDA
#include "emulation/ptx.h"
#else

namespace tern::kernels::cuda {

__device__ __forceinline__ unsigned shared_address(const void* pointer) {
  return static_cast<unsigned>(__cvta_generic_to_shared(pointer));
}

/// Copies 16 bytes from global to shared memory without passing through registers; zeros instead if not
/// `valid`
/// (`from` must then still be an address that may be formed). Both 16-byte aligned. Visible to this thread
/// after cp_async_wait, to the block after a barrier behind it.
__device__ __forceinline__ void cp_async_16(void* to, const void* from, bool valid) {
#if __CUDA_ARCH__ >= 800
  const int bytes = valid ? 16 : 0;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(shared_address(to)), "l"(from),
               "r"(bytes)
               : "memory");
#else
  *static_cast<int4*>(to) = valid ? *static_cast<const int4*>(from) : make_int4(0, 0, 0, 0);
#endif
}

/// Closes a group of copies.
__device__ __forceinline__ void cp_async_commit() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;\n" ::: "memory");
#endif
}

/// Waits until at most `Pending` of the last groups are still under way.
template <int Pending>
__device__ __forceinline__ void cp_async_wait() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;\n" ::"n"(Pending) : "memory");
#endif
}

/// Four 8x8 matrices of 16-bit elements (8 rows of 16 bytes). Lane l gives the address of row l % 8 of matrix
/// l / 8; it receives in registers[m] the two elements (4 bytes) at row l / 4, column 2 * (l % 4) of matrix
/// m.
__device__ __forceinline__ void ldmatrix_x4(unsigned (&registers)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];\n"
               : "=r"(registers[0]), "=r"(registers[1]), "=r"(registers[2]), "=r"(registers[3])
               : "r"(shared_address(row))
               : "memory");
}

/// c += a b for a (16 x 32) and b (32 x 8) of signed bytes, c (16 x 8) of 32-bit integers. With g = lane / 4
/// and t = lane % 4, the lane holds
///   a[0], a[1], a[2], a[3]: rows g, g + 8, g, g + 8; columns 4t..4t+3, the same, 16 + 4t.., the same
///   b[0], b[1]:             rows 4t..4t+3 and 16 + 4t..; column g
///   c[0], c[1], c[2], c[3]: row g columns 2t and 2t + 1, row g + 8 columns 2t and 2t + 1
__device__ __forceinline__ void mma_m16n8k32_s8(int (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
#if __CUDA_ARCH__ >= 800
  asm volatile(
      "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};\n"
      : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  // sm_75 multiplies 8 x 16 by 16 x 8; the fragments of the larger shape are four of these.
  const auto product = [](int& c0, int& c1, unsigned a_part, unsigned b_part) {
    asm volatile("mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32 {%0, %1}, {%2}, {%3}, {%0, %1};\n"
                 : "+r"(c0), "+r"(c1)
                 : "r"(a_part), "r"(b_part));
  };
  product(c[0], c[1], a[0], b[0]);
  product(c[0], c[1], a[2], b[1]);
  product(c[2], c[3], a[1], b[0]);
  product(c[2], c[3], a[3], b[1]);
#endif
}

}  // namespace tern::kernels::cuda

#endif
