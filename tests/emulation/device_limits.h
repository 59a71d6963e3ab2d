// The emulated device: what compute capability 8.0 grants.
#pragma once

#include <cstddef>

namespace tern::emulation {

constexpr int kCudaVersion = 13000;  // 13.0
constexpr int kComputeCapabilityMajor = 8;
constexpr int kComputeCapabilityMinor = 0;
constexpr int kWarpSize = 32;
constexpr unsigned kMaxThreadsPerBlock = 1024;
constexpr unsigned kMaxBlockZ = 64;
constexpr unsigned kMaxGridYZ = 65535;
constexpr unsigned kMaxGridX = 0x7fffffff;
constexpr std::size_t kMaxStaticSharedBytes = 48 * 1024;
constexpr std::size_t kMaxSharedBytes = 163 * 1024;  // static and dynamic together

}  // namespace tern::emulation
