#include "tests/support/pytorch_file.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <tuple>

#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

std::string header_entry(const std::string& name, const Tensor& tensor, std::size_t begin) {
  return fmt::format(R"(,"{}":{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})", name,
                     tensor.dtype() == DType::i64 ? "I64" : "F32",
                     fmt::join(tensor.shape().begin(), tensor.shape().end(), ","), begin,
                     begin + tensor.nbytes());
}

}  // namespace

void write_like_pytorch(const std::filesystem::path& path,
                        std::vector<std::pair<std::string, Tensor>> tensors) {
  std::sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) {
    const std::size_t a_size = size_of(a.second.dtype()), b_size = size_of(b.second.dtype());
    return std::tie(b_size, a.first) < std::tie(a_size, b.first);
  });
  std::string header = R"({"__metadata__":{"format":"pt"})";
  std::string data;
  for (const auto& [name, tensor] : tensors) {
    header += header_entry(name, tensor, data.size());
    data.append(static_cast<const char*>(tensor.raw()), tensor.nbytes());
  }
  header += "}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  const std::uint64_t length = header.size();
  std::string file(sizeof length, '\0');
  std::memcpy(file.data(), &length, sizeof length);
  write_bytes(path, file + header + data);
}

}  // namespace tern::test
