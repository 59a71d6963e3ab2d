#include "tern/apps/inputs/open_engine.h"

#include "tern/models/merge.h"
#include "tern/models/model_file.h"
#include "tern/models/model_format.h"

namespace tern {

std::unique_ptr<engine::Engine> open_engine(const std::string& path, int threads) {
  const std::string format = check_model_format(SafetensorsFile::open(path).metadata(), path);
  if (format == kMergedFormat) return std::make_unique<engine::Engine>(*open_file(path), threads);
  const LoadedModel checkpoint = load_model(path);
  const std::string merged =
      merged_bytes(merge(*checkpoint.network, checkpoint.graph.input().output), checkpoint.metadata);
  return std::make_unique<engine::Engine>(*memory_source(merged.data(), merged.size(), path), threads);
}

}  // namespace tern
