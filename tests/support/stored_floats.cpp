#include "tests/support/stored_floats.h"

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "tern/core/safetensors.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

template <class T>
void append(std::string& bytes, T value) {
  char copy[sizeof value];
  std::memcpy(copy, &value, sizeof value);
  bytes.append(copy, sizeof value);
}

std::uint32_t bits_of(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

void append_as(const std::string& dtype, float value, std::string& bytes) {
  const std::uint32_t bits = bits_of(value);
  if (dtype == "F64") {
    append(bytes, static_cast<double>(value));
  } else if (dtype == "BF16") {
    append(bytes, static_cast<std::uint16_t>(bits >> 16));
  } else {
    const std::uint32_t magnitude = bits & 0x7fffffffU, sign = bits >> 16 & 0x8000U;
    const std::uint32_t half = magnitude == 0 ? 0 : (magnitude >> 13) - ((127 - 15) << 10);
    append(bytes, static_cast<std::uint16_t>(sign | half));
  }
}

float rounded(float value) {
  if (value == 0) return 0;
  const std::uint32_t bits = bits_of(std::copysign(std::max(std::abs(value), 0x1p-14F), value)) & 0xffff0000U;
  float result;
  std::memcpy(&result, &bits, sizeof result);
  return result;
}

}  // namespace

void round_floats(const std::filesystem::path& path) {
  Metadata metadata;
  std::vector<std::pair<std::string, Tensor>> tensors;
  {
    const SafetensorsFile file = SafetensorsFile::open(path);
    metadata = file.metadata();
    for (const std::string& name : file.names()) {
      Tensor tensor = file.read(name);
      if (tensor.dtype() == DType::f32) {
        for (std::int64_t i = 0; i < tensor.numel(); ++i)
          tensor.data<float>()[i] = rounded(tensor.data<float>()[i]);
      }
      tensors.emplace_back(name, tensor);
    }
  }
  write_safetensors(path, metadata, tensors);
}

void write_with_floats_as(const std::string& dtype, const std::filesystem::path& from,
                          const std::filesystem::path& to) {
  const SafetensorsFile file = SafetensorsFile::open(from);
  nlohmann::json header = {{"__metadata__", file.metadata()}};
  std::string data;
  for (const std::string& name : file.names()) {
    const Tensor tensor = file.read(name);
    const std::size_t begin = data.size();
    const bool is_float = tensor.dtype() == DType::f32;
    if (is_float) {
      for (const float value : tensor.to_vector<float>()) append_as(dtype, value, data);
    } else {
      data.append(static_cast<const char*>(tensor.raw()), tensor.nbytes());
    }
    const Shape& shape = tensor.shape();
    header[name] = {{"dtype", is_float                       ? dtype
                              : tensor.dtype() == DType::i64 ? "I64"
                                                             : "U8"},
                    {"shape", std::vector<std::int64_t>(shape.begin(), shape.end())},
                    {"data_offsets", {begin, data.size()}}};
  }
  const std::string text = header.dump();
  std::string bytes;
  append(bytes, static_cast<std::uint64_t>(text.size()));
  write_bytes(to, bytes + text + data);
}

}  // namespace tern::test
