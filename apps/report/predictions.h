#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tern/data/dataset.h"

namespace tern {

/// The most probable class of an image and its probability.
struct TopPrediction {
  std::size_t index;
  double probability;
};

/// Of the `classes` logits of one image.
TopPrediction top_prediction(const float* logits, std::size_t classes);

/// A table (RFC 4180) of path, label, prediction and probability: a row for each of the `samples` of the data
/// set, whose logits follow each other. A sample that stands there again, in place of one that cannot be
/// read, is left out.
std::string predictions_csv(const Dataset& dataset, const std::vector<std::int64_t>& samples,
                            const std::vector<float>& logits);

}  // namespace tern
