#pragma once

#include <memory>
#include <string>

#include "tern/models/engine/engine.h"

namespace tern {

/// The engine that runs the network of a model file: a merged model as it is, and a checkpoint, ternary or in
/// floats, as tern-merge would write it. Throws what Engine and load_model() throw.
std::unique_ptr<engine::Engine> open_engine(const std::string& path, int threads);

}  // namespace tern
