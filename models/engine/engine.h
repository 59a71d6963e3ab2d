// Merged networks at the speed of bits: the engine behind tern_engine.h, for C++ of this project.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tern/core/byte_source.h"
#include "tern/models/engine/pixel_finder.h"
#include "tern/models/engine/plan.h"
#include "tern/models/engine/thread_team.h"
#include "tern/models/model_metadata.h"

namespace tern::engine {

class Preprocessing;

/// A merged model (model_file.h) with the threads and the memory to run it. One thread uses it at a time; a
/// call while another one is at work throws ShapeError. After fork() it is of use to the parent alone, unless
/// it has one thread; in the child a call throws Error.
class Engine {
 public:
  /// `threads`: 1 or more; 0 takes default_threads() (usable_cpus.h). Throws DataError naming
  /// the file and the tensor or the metadata that is wrong, ConfigError for another number of threads, and
  /// std::system_error if they cannot be started.
  Engine(const ByteSource& model, int threads);

  /// Of the model, for messages.
  const std::string& name() const { return name_; }
  const ActivationMap& input() const { return input_; }
  int input_height() const { return input_.height; }
  int input_width() const { return input_.width; }
  int input_channels() const { return input_.channels; }
  /// Height and width of square images; 0 if they are not.
  int input_size() const { return input_.height == input_.width ? input_.height : 0; }
  std::size_t image_values() const { return input_.bytes() / sizeof(float); }
  int classes() const { return plan_.classes(); }
  int threads() const { return team_.size(); }
  /// Nothing if the file does not say.
  const std::optional<ModelMetadata>& metadata() const { return metadata_; }
  const Plan& plan() const { return plan_; }

  /// How pictures become what run() takes. Throws DataError if the model's file does not say.
  Preprocessing preprocessing() const;

  /// The logits (count, classes) of images (count, input_height, input_width, input_channels): floats
  /// normalised as in training, or 8-bit ones, which this normalises. If the model's stem is int16
  /// (stem_arithmetic.h), floats that are normalised 8-bit pixels, up to PixelFinder::kTolerance, are taken
  /// for these, and other images go through the stem in floats. Images are shared out whole if there
  /// are enough for all threads, otherwise the rows of one after the other; the result is the same to the
  /// bit. Throws ShapeError if count is 0, DataError for 8-bit images if the model's file does not say how to
  /// normalise them, and NumericError if a logit is NaN or infinite, as those of an image with such values
  /// are.
  void run(const float* images, std::size_t count, float* logits);
  void run(const std::uint8_t* images, std::size_t count, float* logits);

 private:
  class InUse;

  Engine(ModelReader&& model, int threads);
  /// use_rows(i, thread, use) calls use(rows of image i); several threads may do so at once.
  template <class UseRows>
  void run_all(const UseRows& use_rows, std::size_t count, float* logits);

  std::string name_;
  ActivationMap input_;
  std::optional<ModelMetadata> metadata_;
  std::optional<PixelTable> pixels_;
  Plan plan_;
  std::optional<PixelFinder> finder_;                    // for a stem of integers
  std::vector<std::vector<std::uint8_t>> found_pixels_;  // of an image, one per thread
  std::vector<Arena> arenas_;                            // one per thread
  ThreadTeam team_;
  std::atomic<bool> in_use_{false};
};

}  // namespace tern::engine
