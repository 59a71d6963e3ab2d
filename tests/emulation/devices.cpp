#include "emulation/devices.h"

#include <cstdlib>
#include <map>

#include "emulation/device_memory.h"

namespace tern::emulation {
namespace {

thread_local int current = 0;
thread_local std::map<int, std::int64_t> uses;

}  // namespace

int device_count() {
  static const int count = [] {
    const char* text = std::getenv("TERN_EMULATED_DEVICES");
    return text == nullptr ? 1 : std::atoi(text);
  }();
  return count;
}

int current_device() {
  return current;
}

bool choose_device(int device) {
  if (device < 0 || device >= device_count()) return false;
  current = device;
  use_current_device();
  return true;
}

void use_current_device() {
  ++uses[current];
}

std::int64_t uses_of(int device) {
  return uses[device];
}

int device_of(const void* pointer) {
  for (int device = 0; device < device_count(); ++device) {
    if (device_memory(device).holds(pointer)) return device;
  }
  return kNoDevice;
}

}  // namespace tern::emulation
