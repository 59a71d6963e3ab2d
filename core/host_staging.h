// Copies from the host to a device that run beside other work of both, and copies back that share one wait.
// Used through upload.h and readback.h.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace tern {

/// A pending copy. Its destructor waits for the end of the copy, too, and drops its error.
class PendingCopy {
 public:
  virtual ~PendingCopy() = default;
  /// Returns when the copy is done. Throws DeviceError if it failed.
  virtual void wait() = 0;
};

/// Host memory that a device can read without the CPU: page-locked, for a GPU.
class HostStaging {
 public:
  virtual ~HostStaging() = default;

  /// At least `bytes` bytes aligned to 64; never null. Throws DeviceError when out of memory.
  virtual void* allocate(std::size_t bytes, int index) = 0;
  /// Gives back what `allocate(bytes, index)` returned; no copy from it may be pending. Never throws.
  virtual void deallocate(void* pointer, std::size_t bytes, int index) noexcept = 0;
  /// Starts to copy staging memory to the device: after the work queued on device `index` so far, beside what
  /// is queued from now on.
  virtual std::unique_ptr<PendingCopy> start_copy(void* to, const void* from, std::size_t bytes,
                                                  int index) = 0;

  struct Read {
    void* to;  ///< In staging memory.
    const void* from;
    std::size_t bytes;
  };
  /// Copies from device `index` after the work that it has been given so far; waits once, for all of them.
  virtual void read(const std::vector<Read>& reads, int index) = 0;
};

}  // namespace tern
