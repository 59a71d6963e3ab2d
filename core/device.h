// Where tensors live, and the interface a device's memory offers to them.
//
// The CPU is always there; CUDA devices in builds with the CUDA backend on machines with a GPU.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tern {

class HostStaging;

enum class DeviceType : std::uint8_t { cpu, cuda };

struct Device {
  DeviceType type = DeviceType::cpu;
  int index = 0;

  bool operator==(const Device& other) const { return type == other.type && index == other.index; }
  bool operator!=(const Device& other) const { return !(*this == other); }
};

/// "cpu", "cuda:0"
std::string to_string(const Device& device);

/// The memory of one device, as Tern uses it.
struct DeviceMemory {
  std::size_t live_bytes = 0;           ///< Used by tensors now.
  std::size_t peak_bytes = 0;           ///< The largest live_bytes so far.
  std::size_t cached_bytes = 0;         ///< Freed by tensors, kept for later ones.
  std::int64_t system_allocations = 0;  ///< How often the system (malloc, cudaMalloc) was asked for a block.
};
DeviceMemory device_memory(Device device);

/// The memory operations of one device type.
class DeviceBackend {
 public:
  virtual ~DeviceBackend() = default;

  /// At least `bytes` bytes aligned to 64; never null. Throws DeviceError when out of memory.
  virtual void* allocate(std::size_t bytes, int index) = 0;
  /// Gives back what `allocate(bytes, index)` returned. Never throws.
  virtual void deallocate(void* pointer, std::size_t bytes, int index) noexcept = 0;
  virtual DeviceMemory memory(int index) = 0;
  /// Copies between host memory and the device, or within the device.
  virtual void copy_from_host(void* to, const void* from, std::size_t bytes, int index) = 0;
  virtual void copy_to_host(void* to, const void* from, std::size_t bytes, int index) = 0;
  virtual void copy_within(void* to, const void* from, std::size_t bytes, int index) = 0;
  virtual void fill_zero(void* pointer, std::size_t bytes, int index) = 0;
  /// Makes device `index` the current one of this thread.
  virtual void make_current(int index) = 0;
  /// Host memory that the device copies from (upload.h); null if the device works in host memory.
  virtual HostStaging* staging() { return nullptr; }
};

/// The backend of `type`; throws DeviceError, saying what is missing, if there is none.
DeviceBackend& backend_of(DeviceType type);

/// True if there is a backend for `type`, in this build and on this machine.
bool has_backend(DeviceType type);

}  // namespace tern
