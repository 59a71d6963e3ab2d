#pragma once

#include <memory>
#include <string>

#include "tern/core/byte_source.h"
#include "tern/models/engine/engine.h"

namespace tern {

/// The merged model of a file that holds one, or a checkpoint, which is merged in memory.
class MergedModel {
 public:
  /// Throws DataError for any other file.
  explicit MergedModel(const std::string& path);

  /// What an Engine reads.
  const ByteSource& source() const { return *source_; }

 private:
  std::string bytes_;  // of a checkpoint's
  std::unique_ptr<ByteSource> source_;
};

/// The engine that runs the network of a model file: a merged model as it is, and a checkpoint, ternary or in
/// floats, as tern-merge would write it. Throws what Engine and load_model() throw.
std::unique_ptr<engine::Engine> open_engine(const std::string& path, int threads);

}  // namespace tern
