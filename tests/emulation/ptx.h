// The emulated half of kernels/cuda/ptx.cuh, which documents these names.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>

#include "emulation/mma.h"
#include "emulation/thread.h"

namespace tern::kernels::cuda {

// Bytes of any type, in one access. memcpy and memset would hide it from ThreadSanitizer.
using Bytes16 [[gnu::vector_size(16), gnu::may_alias]] = unsigned char;
using Bytes4 [[gnu::may_alias]] = unsigned;

inline void require_16_byte_aligned(const void* pointer, const char* what) {
  if (reinterpret_cast<std::uintptr_t>(pointer) % 16 != 0) throw std::logic_error(what);
}

inline void cp_async_16(void* to, const void* from, bool valid) {
  require_16_byte_aligned(to, "cp.async: the destination is not 16-byte aligned");
  require_16_byte_aligned(from, "cp.async: the source is not 16-byte aligned");
  if (valid)
    static_cast<void>(*static_cast<const volatile Bytes16*>(from));    // a bad address shows here, not later
  *static_cast<Bytes16*>(to) = Bytes16{} + emulation::kUninitialised;  // until the copy has been waited for
  emulation::issue_copy({to, valid ? from : nullptr});
}

inline void cp_async_commit() {
  emulation::commit_copies();
}

template <int Pending>
void cp_async_wait() {
  for (emulation::AsyncCopy copy; emulation::take_due_copy(Pending, copy);) {
    *static_cast<Bytes16*>(copy.to) =
        copy.from == nullptr ? Bytes16{} : *static_cast<const Bytes16*>(copy.from);
  }
}

inline void ldmatrix_x4(unsigned (&registers)[4], const void* row,
                        emulation::Site site = emulation::Site::here()) {
  require_16_byte_aligned(row, "ldmatrix: the row is not 16-byte aligned");
  const emulation::WarpValues& rows = emulation::exchange_in_warp(row, site);
  const int lane = emulation::lane();
  for (int matrix = 0; matrix < 4; ++matrix) {
    registers[matrix] =
        static_cast<const Bytes4*>(rows.of_lane<const void*>(8 * matrix + lane / 4))[lane % 4];
  }
}

inline void mma_m16n8k32_s8(int (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2],
                            emulation::Site site = emulation::Site::here()) {
  emulation::MmaFragments fragments;
  std::memcpy(fragments.a, a, sizeof a);
  std::memcpy(fragments.b, b, sizeof b);
  emulation::multiply_fragments(c, emulation::exchange_in_warp(fragments, site), emulation::lane());
}

}  // namespace tern::kernels::cuda
