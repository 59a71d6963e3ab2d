#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "tern/core/atomic_file.h"
#include "tern/core/crc32.h"
#include "tern/core/error.h"
#include "tern/core/quote.h"
#include "tern/core/safetensors.h"
#include "tern/core/safetensors_format.h"

namespace tern {
namespace {

using namespace safetensors;
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

static_assert(std::endian::native == std::endian::little,
              "the format is little-endian, and so is the writer");

void check_arguments(const Metadata& metadata, const NamedTensors& tensors) {
  for (const std::string_view key : {kChecksumKey, kWriterKey}) {
    require<ShapeError>(metadata.count(std::string(key)) == 0,
                        "write_safetensors: the metadata key \"{}\" belongs to the checksum", key);
  }
  std::set<std::string_view> names{kMetadataName};
  for (const auto& [name, tensor] : tensors) {
    require<ShapeError>(tensor.defined(), "write_safetensors: tensor {} is undefined", quote(name));
    require<ShapeError>(names.insert(name).second, "write_safetensors: tensor name {} is {}", quote(name),
                        name == kMetadataName ? "reserved" : "given twice");
  }
}

/// On the host, largest elements first: without gaps, that alone aligns every tensor to its element size,
/// which PyTorch needs to map the file.
NamedTensors host_tensors_in_file_order(const NamedTensors& tensors) {
  NamedTensors result;
  for (const auto& [name, tensor] : tensors) result.emplace_back(name, tensor.to(Device{}));
  std::stable_sort(result.begin(), result.end(), [](const auto& a, const auto& b) {
    return size_of(a.second.dtype()) > size_of(b.second.dtype());
  });
  return result;
}

std::string json_string(const std::string& text) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::type_error&) {
    throw ShapeError(fmt::format("write_safetensors: {} is not UTF-8", quote(text)));
  }
}

/// The length and the padded header, the digits of the checksum still zero.
std::string length_and_header(const Metadata& metadata, const NamedTensors& tensors) {
  std::string text =
      fmt::format("{}{}\",\"{}\":\"tern\"", kChecksumPrefix, std::string(kChecksumDigits, '0'), kWriterKey);
  for (const auto& [key, value] : metadata)
    text += fmt::format(",{}:{}", json_string(key), json_string(value));
  text += "}";
  std::size_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    const Shape& shape = tensor.shape();
    text += fmt::format(R"(,{}:{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})", json_string(name),
                        dtype_name(tensor.dtype()), fmt::join(shape.begin(), shape.end(), ","), offset,
                        offset + tensor.nbytes());
    offset += tensor.nbytes();
  }
  text += "}";
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const std::uint64_t length = text.size();
  require<ShapeError>(length <= kMaxHeaderBytes,
                      "write_safetensors: names and metadata need {} bytes, {} are "
                      "allowed",
                      length, kMaxHeaderBytes);
  std::string result(kLengthBytes, '\0');
  std::memcpy(result.data(), &length, kLengthBytes);
  return result + text;
}

void insert_checksum(const NamedTensors& tensors, std::string* head) {
  std::uint32_t crc = crc32(0, head->data(), head->size());
  for (const auto& [name, tensor] : tensors) crc = crc32(crc, tensor.raw(), tensor.nbytes());
  head->replace(kLengthBytes + kChecksumPrefix.size(), kChecksumDigits, fmt::format("{:08x}", crc));
}

/// A file before it is written: what stands before the data, and the tensors in the order of the file.
struct Content {
  std::string head;
  NamedTensors tensors;
};

Content content_of(const Metadata& metadata, const NamedTensors& tensors) {
  check_arguments(metadata, tensors);
  Content content{{}, host_tensors_in_file_order(tensors)};
  content.head = length_and_header(metadata, content.tensors);
  insert_checksum(content.tensors, &content.head);
  return content;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, const Metadata& metadata,
                       const NamedTensors& tensors) {
  const Content content = content_of(metadata, tensors);
  AtomicFile file(path);
  file.write(content.head.data(), content.head.size());
  for (const auto& [name, tensor] : content.tensors) file.write(tensor.raw(), tensor.nbytes());
  file.commit();
}

std::string safetensors_bytes(const Metadata& metadata, const NamedTensors& tensors) {
  const Content content = content_of(metadata, tensors);
  std::string bytes = content.head;
  for (const auto& [name, tensor] : content.tensors) {
    bytes.append(static_cast<const char*>(tensor.raw()), tensor.nbytes());
  }
  return bytes;
}

}  // namespace tern
