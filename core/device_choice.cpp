#include "tern/core/device_choice.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "tern/core/error.h"
#include "tern/core/format.h"
#ifdef TERN_WITH_CUDA
#include "tern/core/cuda/inventory.h"
#endif

namespace tern {
namespace {

// What is wrong with all GPUs together.
std::string why_no_gpu() {
#ifdef TERN_WITH_CUDA
  return cuda::inventory().missing;
#else
  return "this build has no CUDA backend: install the CUDA toolkit and configure with -DTERN_CUDA=ON";
#endif
}

std::string describe(const DeviceInfo& info) {
  return to_string(info.device) + (info.name.empty() ? "" : " (" + info.name + ")");
}

std::string list(const std::vector<DeviceInfo>& devices) {
  std::string text;
  for (const DeviceInfo& info : devices) {
    if (info.problem.empty()) text += (text.empty() ? "" : ", ") + describe(info);
  }
  return text;
}

auto find(const std::vector<DeviceInfo>& devices, Device device) {
  return std::find_if(devices.begin(), devices.end(),
                      [&](const DeviceInfo& info) { return info.device == device; });
}

// N of "cuda:N", 0 for "cuda".
std::optional<int> cuda_index(std::string_view text) {
  if (text == "cuda") return 0;
  constexpr std::string_view kPrefix = "cuda:";
  if (text.substr(0, kPrefix.size()) != kPrefix) return std::nullopt;
  const std::string_view digits = text.substr(kPrefix.size());
  int index = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  const bool is_number =
      error == std::errc{} && end == digits.data() + digits.size() && digits.front() != '-';
  return is_number ? std::optional(index) : std::nullopt;
}

Device choose_automatically(const std::vector<DeviceInfo>& devices) {
  const auto gpu = std::find_if(devices.begin(), devices.end(), [](const DeviceInfo& info) {
    return info.device.type == DeviceType::cuda && info.problem.empty() && !info.emulated;
  });
  return gpu == devices.end() ? Device{} : gpu->device;
}

}  // namespace

std::vector<DeviceInfo> available_devices() {
  std::vector<DeviceInfo> devices{{Device{}, "", "", false}};
#ifdef TERN_WITH_CUDA
  const std::vector<DeviceInfo>& gpus = cuda::inventory().devices;
  devices.insert(devices.end(), gpus.begin(), gpus.end());
#endif
  return devices;
}

std::string describe(Device device) {
  if (device == Device{}) return to_string(device);  // without looking for GPUs
  const std::vector<DeviceInfo> devices = available_devices();
  const auto found = find(devices, device);
  return found == devices.end() ? to_string(device) : describe(*found);
}

bool is_device_name(std::string_view text) {
  return text == "auto" || text == "cpu" || cuda_index(text).has_value();
}

Device resolve_device(std::string_view text) {
  require<ConfigError>(is_device_name(text), "device: expected auto, cpu, cuda or cuda:N, got \"{}\"", text);
  if (text == "cpu") return {};
  const std::vector<DeviceInfo> devices = available_devices();
  if (text == "auto") return choose_automatically(devices);
  const Device wanted{DeviceType::cuda, *cuda_index(text)};
  const auto found = find(devices, wanted);
  std::string problem = why_no_gpu();
  if (problem.empty()) {
    problem = found == devices.end() ? fmt::format("there is no {}", wanted) : found->problem;
  }
  require<DeviceError>(problem.empty(), "device \"{}\": {}; available: {}; or set device to auto", text,
                       problem, list(devices));
  return wanted;
}

}  // namespace tern
