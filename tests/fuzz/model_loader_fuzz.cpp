// Feeds files of merged models that went through mutations to the loader. It must take them or throw an Error
// that names the file; anything else, from std::out_of_range to what the sanitizers find, ends the run.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "core/byte_source.h"
#include "core/error.h"
#include "models/engine/model_reader.h"
#include "models/engine/plan.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto source = tern::memory_source(data, size, "the-file");
  try {
    tern::engine::ModelReader reader(*source);
    const tern::engine::Plan plan(reader, 1);
  } catch (const tern::Error& error) {
    if (std::string_view(error.what()).find("the-file") != 0) std::abort();
  }
  return 0;
}

namespace {

constexpr std::size_t kLengthBytes = 8;

// The length that stands before the header: up to the last "}}", as in the corpus.
void repair_length(std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = text.rfind("}}");
  if (size < kLengthBytes || end == std::string_view::npos || end < kLengthBytes) return;
  const std::uint64_t length = end + 2 - kLengthBytes;
  std::memcpy(data, &length, kLengthBytes);
}

}  // namespace

// Mutations change the length of the header; most of the files get theirs corrected, or hardly any would be
// read beyond it.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  size = LLVMFuzzerMutate(data, size, max_size);
  if (seed % 16 != 0) repair_length(data, size);
  return size;
}
