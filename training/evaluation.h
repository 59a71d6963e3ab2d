#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tern/data/loader.h"
#include "tern/distributed/process_group.h"
#include "tern/layers/module.h"

namespace tern {

struct Evaluation {
  std::int64_t samples = 0;
  double loss = 0;  // mean cross entropy
  std::int64_t correct = 0;
  std::int64_t correct_top5 = 0;
  std::vector<std::vector<std::int64_t>> confusion;  // [true class][predicted class]
  std::int64_t left_out = 0;                // images that cannot be decoded, under BadImagePolicy::skip
  std::vector<std::string> left_out_names;  // of the first 20

  double accuracy() const {
    return samples == 0 ? 0 : static_cast<double>(correct) / static_cast<double>(samples);
  }
  double top5_accuracy() const {
    return samples == 0 ? 0 : static_cast<double>(correct_top5) / static_cast<double>(samples);
  }
};

/// Logits (N, classes) of images (N, S, S, 3).
using Forward = std::function<Tensor(const Tensor& images)>;

/// Runs `forward` over all batches of `loader`, without recording. The host waits for a GPU once a batch.
/// Appends the logits of all images to `logits`, and their indices in the data set to `samples`, if these are
/// not null. Throws NumericError if a logit is NaN or infinite, and DataError for a label that is none of the
/// logits' classes.
Evaluation evaluate(const Forward& forward, Loader& loader, std::vector<float>* logits = nullptr,
                    std::vector<std::int64_t>* samples = nullptr);

/// The same by the layers of `network`, in evaluation mode; the mode it was in is restored.
Evaluation evaluate(Module& network, Loader& loader, std::vector<float>* logits = nullptr);

/// The same of images that the processes of `group` share out: `loader` gives each process one shard of as
/// many as there are (LoaderConfig::shards). All have the evaluation of all images, with the bits that one
/// process has; the names of images left out are those of its own. What fails in one, fails in all. Nothing
/// if `stop`, asked before each batch, says so in one of them.
std::optional<Evaluation> evaluate_unless(const std::function<bool()>& stop, Module& network, Loader& loader,
                                          ProcessGroup& group);

struct EvaluationWithFlips {
  Evaluation plain;    // as evaluate()
  Evaluation flipped;  // by the mean of the logits of each image and its mirror image
};

/// Test-time flips: `mirrored` gives the mirror images (Flip::always) of what `loader` gives, in its order.
EvaluationWithFlips evaluate_with_flips(const Forward& forward, Loader& loader, Loader& mirrored);

}  // namespace tern
