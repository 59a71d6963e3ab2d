// Whether a run is resumed with what it was begun with.
#pragma once

#include <string>
#include <vector>

#include "tern/apps/config/train_config.h"
#include "tern/core/safetensors.h"
#include "tern/data/dataset.h"

namespace tern {

/// Adds "config" and "run_data", both JSON, to the metadata of a checkpoint: what check_resume() compares.
void add_run_record(Metadata& metadata, const TrainConfig& config, const Dataset& training,
                    const Dataset& validation);

/// Compares what gives the numbers of a run their meaning with the checkpoint `path` of this `metadata`:
/// names of classes, number and checksum of the samples, and the configuration, but for what may change from
/// one resumption to the next (training.epochs, optimizer.lr, paths, threads, logs, ...: docs/training.md).
/// Throws ConfigError naming each difference that is not in `forced`, a list of keys or sections, or that
/// cannot be forced, since the position within the run, or what is loaded, depends on it. What a checkpoint
/// of an older version does not tell is not compared.
void check_resume(const Metadata& metadata, const std::string& path, const TrainConfig& config,
                  const Dataset& training, const Dataset& validation, const std::vector<std::string>& forced);

}  // namespace tern
