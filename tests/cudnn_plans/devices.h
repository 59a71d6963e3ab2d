// GPUs as cuDNN describes them (CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION), from published figures.
#pragma once

namespace tern::test {

struct DescribedGpu {
  const char* name;
  bool narrow_tensor_cores;  ///< For TF32 and bf16.
  const char* json;
};

constexpr DescribedGpu kGpus[] = {
    {"H100", true,
     R"({"deviceName": "NVIDIA H100 80GB HBM3", "deviceVer": 900, "driverVer": 13000, "cudaDeviceId": 0, "pciDeviceId": 0,
       "isTccDriver": 0, "supportCoopLaunch": 1, "multiProcessorCount": 132, "warpSize": 32, "maxThreadsPerBlock": 1024,
       "maxThreadsPerSM": 2048, "maxCtasPerSM": 32, "regsPerBlock": 65536, "maxRegistersPerSM": 65536,
       "maxSharedMemoryPerBlock": 49152, "maxSharedMemoryPerBlockOptin": 232448, "reservedSharedMemoryPerBlock": 1024,
       "maxGridSize": [2147483647, 65535, 65535], "maxBlockSize": [1024, 1024, 64], "l2CacheSize": 52428800,
       "totalGlobalMem": 85017624576, "smClockRateKHz": 1980000, "memClockRateKHz": 2619000})"},
    {"A100", true,
     R"({"deviceName": "NVIDIA A100-SXM4-80GB", "deviceVer": 800, "driverVer": 13000, "cudaDeviceId": 0, "pciDeviceId": 0,
       "isTccDriver": 0, "supportCoopLaunch": 1, "multiProcessorCount": 108, "warpSize": 32, "maxThreadsPerBlock": 1024,
       "maxThreadsPerSM": 2048, "maxCtasPerSM": 32, "regsPerBlock": 65536, "maxRegistersPerSM": 65536,
       "maxSharedMemoryPerBlock": 49152, "maxSharedMemoryPerBlockOptin": 166912, "reservedSharedMemoryPerBlock": 1024,
       "maxGridSize": [2147483647, 65535, 65535], "maxBlockSize": [1024, 1024, 64], "l2CacheSize": 41943040,
       "totalGlobalMem": 84974239744, "smClockRateKHz": 1410000, "memClockRateKHz": 1593000})"},
    {"T4", false,
     R"({"deviceName": "Tesla T4", "deviceVer": 750, "driverVer": 13000, "cudaDeviceId": 0, "pciDeviceId": 0,
       "isTccDriver": 0, "supportCoopLaunch": 1, "multiProcessorCount": 40, "warpSize": 32, "maxThreadsPerBlock": 1024,
       "maxThreadsPerSM": 1024, "maxCtasPerSM": 16, "regsPerBlock": 65536, "maxRegistersPerSM": 65536,
       "maxSharedMemoryPerBlock": 49152, "maxSharedMemoryPerBlockOptin": 65536, "reservedSharedMemoryPerBlock": 0,
       "maxGridSize": [2147483647, 65535, 65535], "maxBlockSize": [1024, 1024, 64], "l2CacheSize": 4194304,
       "totalGlobalMem": 15828320256, "smClockRateKHz": 1590000, "memClockRateKHz": 5001000})"},
};

}  // namespace tern::test
