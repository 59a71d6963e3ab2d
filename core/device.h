// Where tensors live, and the interface a device's memory offers to them.
//
// The CPU is always there. A GPU backend implements DeviceBackend and registers itself at start-up;
// nothing else in core knows about it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tern {

enum class DeviceType : std::uint8_t { cpu, cuda };

struct Device {
  DeviceType type = DeviceType::cpu;
  int index = 0;

  bool operator==(const Device& other) const { return type == other.type && index == other.index; }
  bool operator!=(const Device& other) const { return !(*this == other); }
};

/// "cpu", "cuda:0"
std::string to_string(const Device& device);

/// The memory operations of one device type.
class DeviceBackend {
 public:
  virtual ~DeviceBackend() = default;

  /// At least `bytes` bytes aligned to 64; never null. Throws DeviceError when out of memory.
  virtual void* allocate(std::size_t bytes, int index) = 0;
  /// Gives back what `allocate(bytes, index)` returned. Never throws.
  virtual void deallocate(void* pointer, std::size_t bytes, int index) noexcept = 0;
  /// Copies between host memory and the device, or within the device.
  virtual void copy_from_host(void* to, const void* from, std::size_t bytes, int index) = 0;
  virtual void copy_to_host(void* to, const void* from, std::size_t bytes, int index) = 0;
  virtual void copy_within(void* to, const void* from, std::size_t bytes, int index) = 0;
  virtual void fill_zero(void* pointer, std::size_t bytes, int index) = 0;
};

/// Makes `backend` (which must outlive all tensors) serve devices of `type`.
void register_backend(DeviceType type, DeviceBackend* backend);

/// The backend of `type`; throws DeviceError, saying what this build has, if there is none.
DeviceBackend& backend_of(DeviceType type);

/// True if a backend is registered for `type`.
bool has_backend(DeviceType type);

}  // namespace tern
