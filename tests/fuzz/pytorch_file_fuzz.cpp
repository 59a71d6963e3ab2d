// Feeds mutated files of PyTorch to open_state_dict and reads all their tensors. It must take them or throw a
// DataError that names the file; anything else ends the run.
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "tern/core/crc32.h"
#include "tern/core/error.h"
#include "tern/models/formats/state_dict_file.h"
#include "tests/fuzz/memory_file.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

std::size_t number(std::string_view file, std::size_t at, std::size_t bytes) {
  std::size_t value = 0;
  if (at + bytes <= file.size()) std::memcpy(&value, file.data() + at, bytes);
  return value;
}

/// The content of the entry whose record in the central directory starts at `record`, or nothing.
std::string_view content_of(std::string_view file, std::size_t record) {
  constexpr std::size_t kLocalBytes = 30;
  const std::size_t local = number(file, record + 42, 4);
  const std::size_t begin = local + kLocalBytes + number(file, local + 26, 2) + number(file, local + 28, 2);
  return begin <= file.size() ? file.substr(begin, number(file, record + 20, 4)) : std::string_view{};
}

/// Makes the checksums of a zip archive right again, or nothing that was mutated would be read.
void correct_checksums(std::uint8_t* data, std::size_t size) {
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  for (std::size_t record = file.find("PK\x01\x02"); record < size;
       record = file.find("PK\x01\x02", record + 1)) {
    const std::string_view content = content_of(file, record);
    const std::uint32_t checksum = tern::crc32(0, content.data(), content.size());
    if (record + 20 <= size) std::memcpy(data + record + 16, &checksum, sizeof checksum);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const MemoryFile file;
  file.write(data, size);
  try {
    for (const auto& [name, tensor] : tern::open_state_dict(file.path())) {
      if (tensor.read().shape() != tensor.shape) std::abort();
    }
  } catch (const tern::DataError& error) {
    if (std::string_view(error.what()).find(file.path()) != 0) std::abort();
  }
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned) {
  size = LLVMFuzzerMutate(data, size, max_size);
  correct_checksums(data, size);
  return size;
}
