// Data-parallel loops over index ranges, on OpenMP threads.
//
// Results must never depend on the number of threads. A loop whose iterations write disjoint results may
// use parallel_for. A reduction uses fixed chunks (`Chunks`): the partition depends on the size alone, each
// chunk has a partial result of its own, and the partial results are combined in order.
#pragma once

#include <omp.h>

#include <algorithm>
#include <cstdint>

namespace tern {

/// Threads that loops use; set from the command line or OMP_NUM_THREADS.
inline int thread_count() {
  return omp_get_max_threads();
}
inline void set_thread_count(int threads) {
  omp_set_num_threads(threads);
}

/// Calls body(first, last) on disjoint ranges that cover [begin, end), in parallel where the range holds
/// more than `grain` elements. An exception must not leave `body`.
template <class Body>
void parallel_for(std::int64_t begin, std::int64_t end, std::int64_t grain, const Body& body) {
  const std::int64_t count = end - begin;
  if (count <= 0) return;
  const std::int64_t parts =
      std::min<std::int64_t>(thread_count(), (count + grain - 1) / std::max<std::int64_t>(grain, 1));
  if (parts <= 1 || omp_in_parallel() != 0) {
    body(begin, end);
    return;
  }
#pragma omp parallel for schedule(static) num_threads(static_cast <int>(parts))
  for (std::int64_t part = 0; part < parts; ++part) {
    body(begin + count * part / parts, begin + count * (part + 1) / parts);
  }
}

/// A partition of [0, size) into at most `max_chunks` nearly equal ranges that does not depend on threads.
class Chunks {
 public:
  Chunks(std::int64_t size, std::int64_t min_chunk, std::int64_t max_chunks = 64)
      : size_(size),
        count_(std::clamp<std::int64_t>(size / std::max<std::int64_t>(min_chunk, 1), 1, max_chunks)) {}

  std::int64_t count() const { return count_; }
  std::int64_t begin(std::int64_t chunk) const { return size_ * chunk / count_; }
  std::int64_t end(std::int64_t chunk) const { return size_ * (chunk + 1) / count_; }

 private:
  std::int64_t size_;
  std::int64_t count_;
};

}  // namespace tern
