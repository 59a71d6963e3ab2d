// Runs the grid of a CUDA kernel on the CPU: block after block, one fiber per thread. README.md says what
// that shows and what it cannot.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <functional>
#include <stdexcept>

namespace tern::emulation {

/// What a kernel did wrong: the kernel's name, block, thread, and what happened where.
class KernelError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws KernelError if a word of an argument of `kernel`, which may be a structure or a lambda, is an
/// address in the memory of another device than the current one.
void check_argument(const char* kernel, const void* argument, std::size_t bytes);

/// Runs `body` once for each thread of the grid, with threadIdx and its kin set. Throws KernelError for a
/// shape that no GPU launches, for what thread.h checks, and for whatever `body` throws.
void run_grid(const char* kernel, dim3 grid, dim3 block, std::size_t shared_bytes,
              const std::function<void()>& body);

/// The order in which blocks run, and threads between barriers. Shuffled: differently in each block, the same
/// in each run.
enum class Order { forward, reverse, shuffled };
void set_order(Order order);

}  // namespace tern::emulation
