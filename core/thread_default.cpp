#include "tern/core/thread_default.h"

#include <omp.h>

#include <algorithm>
#include <latch>
#include <thread>
#include <vector>

#include "tern/core/usable_cpus.h"

namespace tern {
namespace {

/// OpenMP ends the process where it cannot start a thread. So these are started once, and end again.
void require_threads(int count) {
  static int started = 0;  // by an earlier call
  if (count <= started) return;
  std::latch ending(1);
  std::vector<std::thread> threads;
  const auto end = [&] {
    ending.count_down();
    for (std::thread& thread : threads) thread.join();
  };
  try {
    threads.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) threads.emplace_back([&ending] { ending.wait(); });
  } catch (...) {
    end();
    throw;
  }
  end();
  started = count;
}

}  // namespace

void use_threads(int threads) {
  omp_set_dynamic(0);
  const int wanted = threads > 0 ? threads : default_threads();
  const int count = std::clamp(wanted, 1, std::max(1, omp_get_thread_limit()));
  require_threads(count - 1);  // this one is there
  omp_set_num_threads(count);
}

}  // namespace tern
