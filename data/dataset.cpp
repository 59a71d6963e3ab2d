#include "tern/data/dataset.h"

#include "tern/core/crc32.h"

namespace tern {

std::uint32_t Dataset::fingerprint() const {
  std::uint32_t sum = 0;
  for (std::int64_t i = 0; i < size(); ++i) {
    const std::string name = name_of(i);
    sum = crc32(sum, name.c_str(), name.size() + 1);
  }
  return sum;
}

}  // namespace tern
