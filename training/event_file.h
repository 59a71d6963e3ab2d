// TensorBoard's event file of a run, events.out.tfevents.tern in its folder: TFRecords (tfrecord.h) of the
// protocol buffer tensorflow.Event, one for each epoch and for some of the steps before, at its optimiser
// step.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tern/layers/module.h"
#include "tern/training/append_file.h"
#include "tern/training/metrics.h"

namespace tern {

constexpr const char* kEventFileName = "events.out.tfevents.tern";

class EventFile {
 public:
  /// Opens the file in `folder`, which must exist, and cuts it off before the first record that belongs to a
  /// later step than `keep_step`, to an epoch that ended after `keep_epochs_until`, or is damaged. Throws
  /// DataError if the file cannot be read or written.
  EventFile(const std::string& folder, std::int64_t keep_step, std::int64_t keep_epochs_until);

  /// Appends the numbers of one step, under tags that end in "/step". Throws DataError if that fails.
  void step(std::int64_t step, double loss, double accuracy, double lr);

  /// Appends the numbers of an epoch that were measured, zeros by the names of `layers`, and a histogram of
  /// each parameter of `network` of two or more dimensions. Throws DataError if that fails.
  void epoch(const EpochMetrics& metrics, const std::vector<std::string>& layers, const Module& network);

  /// Makes it survive a power failure.
  void sync() { file_.sync(); }

 private:
  AppendFile file_;
};

}  // namespace tern
