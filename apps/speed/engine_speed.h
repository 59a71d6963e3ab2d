// How fast a merged network runs, and in how much memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tern {

struct EngineSpeed {
  std::string instruction_set;  // of the packed kernels
  int input_height = 0, input_width = 0;
  int threads = 0;
  std::int64_t calls = 0;
  // Seconds of one call for the whole batch.
  double median_seconds = 0, lower_quartile_seconds = 0, upper_quartile_seconds = 0;
  std::uintmax_t model_bytes = 0;  // on disk
  std::size_t memory_bytes = 0;    // by which the process grew at most: weights, working memory, loading,
                                   // but not a checkpoint's merge
};

/// Loads the merged model, or merges a checkpoint, and calls it with `batch_size` images of noise for about
/// `seconds` (once at least) after a few calls to warm up. To be called before anything else takes memory.
EngineSpeed measure_engine(const std::string& model, int threads, std::int64_t batch_size, double seconds);

}  // namespace tern
