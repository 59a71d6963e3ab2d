#include "tern/apps/report/predictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "tern/data/csv.h"

namespace tern {

TopPrediction top_prediction(const float* logits, std::size_t classes) {
  const float* top = std::max_element(logits, logits + classes);
  double sum = 0;
  for (const float* logit = logits; logit != logits + classes; ++logit)
    sum += std::exp(double{*logit} - *top);
  return {static_cast<std::size_t>(top - logits), 1 / sum};
}

std::string predictions_csv(const Dataset& dataset, const std::vector<std::int64_t>& samples,
                            const std::vector<float>& logits) {
  const std::vector<std::string>& names = dataset.class_names();
  const std::size_t classes = names.size();
  std::unordered_set<std::int64_t> seen;
  std::string text = "path,label,prediction,probability\n";
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!seen.insert(samples[i]).second) continue;
    const TopPrediction top = top_prediction(logits.data() + i * classes, classes);
    const auto label = static_cast<std::size_t>(dataset.label_of(samples[i]));
    text += fmt::format("{},{},{},{:.6g}\n", csv_field(dataset.name_of(samples[i])),
                        csv_field(names.at(label)), csv_field(names.at(top.index)), top.probability);
  }
  return text;
}

}  // namespace tern
