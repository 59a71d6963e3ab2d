#include "tern/models/input_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace tern {
namespace {

std::string range_problem(const char* name, std::int64_t value, std::int64_t low, std::int64_t high) {
  if (value >= low && value <= high) return {};
  return fmt::format("{}: expected {} to {}, got {}", name, low, high, value);
}

std::string name_problem(const char* name, const std::string& value, const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), value) != known.end()) return {};
  return fmt::format("{}: expected one of {}, got {}", name, fmt::join(known, ", "),
                     nlohmann::json(value).dump());
}

std::string count_problem(const char* name, const std::vector<double>& values, std::int64_t channels) {
  if (static_cast<std::int64_t>(values.size()) == channels) return {};
  return fmt::format("{}: expected a list of {} numbers, one for each of input.channels, got {}", name,
                     channels, values.size());
}

std::string background_problem(const std::vector<double>& background) {
  const auto is_byte = [](double value) { return value >= 0 && value <= 255 && value == std::floor(value); };
  if (background.size() == 3 && std::all_of(background.begin(), background.end(), is_byte)) return {};
  return fmt::format("background: expected red, green and blue as integers of 0 to 255, got [{}]",
                     fmt::join(background, ", "));
}

/// Of the floats that mean and std become.
std::string normalisation_problem(const InputSection& input) {
  for (std::size_t c = 0; c < input.mean.size(); ++c) {
    const auto mean = static_cast<float>(input.mean[c]), std = static_cast<float>(input.std[c]);
    if (!std::isfinite(mean)) {
      return fmt::format("mean: expected numbers within the range of floats, got {}", input.mean[c]);
    }
    if (!(std > 0) || !std::isfinite(std) || !std::isfinite(1 / std)) {
      return fmt::format("std: expected numbers above 0 within the range of floats, got {}", input.std[c]);
    }
  }
  return {};
}

}  // namespace

void InputSection::set_image(const Shape& image) {
  const bool is_square = image[0] == image[1];
  if (is_square) size = image[0];
  height = is_square ? 0 : image[0];
  width = is_square ? 0 : image[1];
  channels = image[2];
}

std::string InputSection::size_fields() const {
  if (height == 0 && width == 0) return "input.size";
  return fmt::format("{} and {}", height > 0 ? "input.height" : "input.size",
                     width > 0 ? "input.width" : "input.size");
}

InputSection grey_input() {
  InputSection input;
  input.channels = 1;
  input.mean = {0.459};
  input.std = {0.226};
  return input;
}

const std::vector<std::string>& input_interpolations() {
  static const std::vector<std::string> names = {"bicubic", "bilinear"};
  return names;
}

const std::vector<std::string>& input_crops() {
  static const std::vector<std::string> names = {"none", "center", "random", "random_resized"};
  return names;
}

std::string input_problem(const InputSection& input) {
  std::string channels;
  if (input.channels != 1 && input.channels != 3) {
    channels = fmt::format("channels: expected 1 or 3, got {}", input.channels);
  }
  for (const std::string& problem :
       {range_problem("size", input.size, 1, kMaxInputSize),
        range_problem("height", input.height, 0, kMaxInputSize),
        range_problem("width", input.width, 0, kMaxInputSize), channels,
        range_problem("resize", input.resize, 0, kMaxInputSize),
        range_problem("padding", input.padding, 0, kMaxInputPadding),
        name_problem("interpolation", input.interpolation, input_interpolations()),
        name_problem("crop", input.crop, input_crops()), count_problem("mean", input.mean, input.channels),
        count_problem("std", input.std, input.channels), background_problem(input.background)}) {
    if (!problem.empty()) return problem;
  }
  return normalisation_problem(input);
}

}  // namespace tern
