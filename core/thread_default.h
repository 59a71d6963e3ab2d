#pragma once

namespace tern {

/// Sets how many threads the loops of parallel.h use; 0 takes default_threads() (usable_cpus.h). No more than
/// OpenMP gives: OMP_THREAD_LIMIT holds, and OMP_DYNAMIC is turned off, since libraries that count on their
/// threads would wait for those that it holds back. Throws std::system_error if the system does not give so
/// many.
void use_threads(int threads);

}  // namespace tern
