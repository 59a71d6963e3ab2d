#include "tern/kernels/cpu/packed/kernels.h"

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "tern/kernels/cpu/packed/targets.h"

namespace tern::packed {

std::span<const Kernels* const> available_kernels() {
  static const std::vector<const Kernels*> available = [] {
    std::vector<const Kernels*> found;
    for (const Kernels* table : {avx512_kernels(), avx512bw_kernels(), avx2_kernels(), neon_kernels(),
                                 wasm_kernels(), scalar_kernels()}) {
      if (table != nullptr) found.push_back(table);
    }
    return found;
  }();
  return available;
}

const Kernels& choose_kernels(const char* name) {
  const std::string wanted = name == nullptr ? "" : name;
  std::string names;
  for (const Kernels* table : available_kernels()) {
    if (wanted.empty() || wanted == table->name) return *table;
    names += (names.empty() ? "" : ", ") + std::string(table->name);
  }
  throw std::runtime_error("TERN_CPU=" + wanted + ": no kernels of that name run on this CPU; it has " +
                           names + ", the first of which is taken without TERN_CPU");
}

const Kernels& kernels() {
  static const Kernels& chosen = choose_kernels(std::getenv("TERN_CPU"));
  return chosen;
}

}  // namespace tern::packed
