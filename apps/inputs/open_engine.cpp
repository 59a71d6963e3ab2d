#include "tern/apps/inputs/open_engine.h"

#include "tern/models/merge.h"
#include "tern/models/model_file.h"
#include "tern/models/model_format.h"

namespace tern {

MergedModel::MergedModel(const std::string& path) {
  const Metadata metadata = SafetensorsFile::open(path, StoredFloats::as_f32).metadata();
  if (check_model_format(metadata, path) == kMergedFormat) {
    source_ = open_file(path);
    return;
  }
  const LoadedModel checkpoint = load_model(path);
  bytes_ = merged_bytes(merge(*checkpoint.network, checkpoint.graph.input().output), checkpoint.metadata);
  source_ = memory_source(bytes_.data(), bytes_.size(), path);
}

std::unique_ptr<engine::Engine> open_engine(const std::string& path, int threads) {
  return std::make_unique<engine::Engine>(MergedModel(path).source(), threads);
}

}  // namespace tern
