#include "tern/core/thread_default.h"

#include <omp.h>

#include <algorithm>
#include <cstdlib>

#include "tern/core/usable_cpus.h"

namespace tern {

void use_threads(int threads) {
  omp_set_dynamic(0);
  const bool is_set = std::getenv("OMP_NUM_THREADS") != nullptr;
  const int standard = is_set ? omp_get_max_threads() : usable_cpus();
  omp_set_num_threads(std::clamp(threads > 0 ? threads : standard, 1, std::max(1, omp_get_thread_limit())));
}

}  // namespace tern
