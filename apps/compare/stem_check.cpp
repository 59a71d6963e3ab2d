#include "tern/apps/compare/stem_check.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tern/apps/compare/equal_bits.h"
#include "tern/apps/compare/noise_images.h"
#include "tern/core/byte_source.h"
#include "tern/models/engine/engine.h"
#include "tern/models/model_file.h"

namespace tern {
namespace {

constexpr std::int64_t kImages = 32;

std::vector<float> run(engine::Engine& engine, const std::vector<std::uint8_t>& pixels) {
  std::vector<float> logits(static_cast<std::size_t>(kImages * engine.classes()));
  engine.run(pixels.data(), kImages, logits.data());
  return logits;
}

std::ptrdiff_t best(const std::vector<float>& logits, std::ptrdiff_t image, std::ptrdiff_t classes) {
  const auto row = logits.begin() + image * classes;
  return std::max_element(row, row + classes) - row;
}

}  // namespace

StemCheck check_stem(const std::string& path, const MergedNetwork& network, Metadata metadata) {
  set_stem_arithmetic(metadata, StemArithmetic::floats);
  const std::string in_floats = merged_bytes(network, metadata);
  engine::Engine integers(*open_file(path), 1),
      floats(*memory_source(in_floats.data(), in_floats.size(), path), 1);
  const std::vector<std::uint8_t> pixels = noise_pixels(kImages, network.graph.input().output);
  const std::vector<float> a = run(integers, pixels), b = run(floats, pixels);
  StemCheck check{kImages, static_cast<std::int64_t>(a.size()), count_bitwise_unequal(a, b)};
  for (std::size_t i = 0; i < a.size(); ++i) {
    check.largest_difference = std::max(check.largest_difference, std::abs(a[i] - b[i]));
    check.largest_logit = std::max(check.largest_logit, std::abs(b[i]));
  }
  for (std::ptrdiff_t i = 0; i < kImages; ++i) {
    if (best(a, i, integers.classes()) != best(b, i, floats.classes())) ++check.different_classes;
  }
  return check;
}

}  // namespace tern
