// The emulated GPUs. TERN_EMULATED_DEVICES in the environment says how many there are (one without it).
#pragma once

#include <cstdint>

namespace tern::emulation {

int device_count();

/// That of the calling thread; 0 until it chooses another.
int current_device();
/// False if there is no such device.
bool choose_device(int device);

/// Called by what on a GPU makes a context of the current device if it has none: half a gigabyte there.
void use_current_device();
/// How often the calling thread has.
std::int64_t uses_of(int device);

/// The device whose memory `pointer` points into; kNoDevice for memory of the host.
int device_of(const void* pointer);
constexpr int kNoDevice = -1;

}  // namespace tern::emulation
