// tern-predict MODEL IMAGE... [--top K] [--json] | MODEL --benchmark: the classes of pictures, files or
// folders of them.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "tern/apps/console/item_progress.h"
#include "tern/apps/console/program.h"
#include "tern/apps/inputs/open_engine.h"
#include "tern/apps/inputs/pictures.h"
#include "tern/apps/speed/engine_speed.h"
#include "tern/core/error.h"
#include "tern/core/quote.h"
#include "tern/data/image_file.h"
#include "tern/models/engine/engine.h"
#include "tern/models/engine/preprocessing.h"
#include "tern/models/engine/transform_config.h"

namespace {

using nlohmann::json;

struct Options {
  std::string model;
  std::vector<std::string> images;
  int top = 5, threads = 0;
  std::int64_t batch_size = 1, max_megapixels = 100;
  double seconds = 2;
  bool json = false, benchmark = false;
};

struct Prediction {
  std::size_t index;
  float logit;
  double probability;
};

/// The `top` classes with the largest logits, the first one first.
std::vector<Prediction> best(const std::vector<float>& logits, int top) {
  std::vector<std::size_t> order(logits.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return logits[a] > logits[b]; });
  double sum = 0;
  for (const float logit : logits) sum += std::exp(double{logit} - logits[order[0]]);
  order.resize(std::min(order.size(), static_cast<std::size_t>(top)));
  std::vector<Prediction> predictions;
  for (const std::size_t i : order) {
    predictions.push_back({i, logits[i], std::exp(double{logits[i]} - logits[order[0]]) / sum});
  }
  return predictions;
}

void read_image(const std::string& path, const tern::ImageOptions& decoding,
                const tern::engine::Preprocessing& preprocessing, std::vector<float>& values) {
  const tern::Image picture = tern::read_image(path, decoding);
  try {
    preprocessing.apply(view_of(picture), values.data());
  } catch (const tern::ShapeError& error) {
    throw tern::DataError(fmt::format("{}: {}", path, error.what()));
  }
}

void print_text(const std::string& path, const std::vector<Prediction>& predictions,
                const std::vector<std::string>& names) {
  fmt::print("{}\n", tern::printable(path));
  for (const Prediction& p : predictions)
    fmt::print("  {:>6.2f} %  {}\n", 100 * p.probability, tern::printable(names[p.index]));
}

json to_json(const std::string& path, const std::vector<Prediction>& predictions,
             const std::vector<std::string>& names) {
  json list = json::array();
  for (const Prediction& p : predictions) {
    list.push_back(
        {{"class", names[p.index]}, {"index", p.index}, {"probability", p.probability}, {"logit", p.logit}});
  }
  return {{"image", path}, {"predictions", list}};
}

/// A path may be in any encoding; JSON is UTF-8.
std::string dump(const json& value) {
  return value.dump(2, ' ', false, json::error_handler_t::replace);
}

/// No bar where results appear on a terminal anyway.
tern::ProgressOutput progress_output(const Options& options) {
  tern::ProgressOutput output = tern::stderr_output();
  if (!options.json && tern::terminal_style(stdout).interactive) output.style.interactive = false;
  return output;
}

/// Adds an entry for each picture, and prints it unless JSON is wanted; returns how many failed.
std::size_t predict_all(const Options& options, tern::engine::Engine& engine, json& results) {
  const tern::engine::Preprocessing preprocessing = engine.preprocessing();
  const std::vector<std::string>& names = engine.metadata()->class_names;
  std::vector<float> values(engine.image_values()), logits(names.size());
  const tern::ImageOptions decoding = tern::image_options(engine.metadata()->input, options.max_megapixels);
  const tern::Pictures pictures = tern::find_pictures(options.images);
  for (const std::string& message : pictures.messages) tern::print_error_line(message);
  tern::ItemProgress progress(static_cast<std::int64_t>(pictures.paths.size()), progress_output(options));
  std::size_t failed = 0;
  for (const std::string& path : pictures.paths) {
    progress.advance(static_cast<std::int64_t>(results.size()));
    try {
      read_image(path, decoding, preprocessing, values);
      engine.run(values.data(), 1, logits.data());
    } catch (const tern::DataError& error) {
      ++failed;
      results.push_back({{"image", path}, {"error", error.what()}});
      progress.message(fmt::format("tern-predict: error: {}", error.what()));
      continue;
    }
    const std::vector<Prediction> predictions = best(logits, options.top);
    results.push_back(to_json(path, predictions, names));
    if (!options.json) print_text(path, predictions, names);
  }
  return failed;
}

int predict(const Options& options) {
  const std::unique_ptr<tern::engine::Engine> engine = tern::open_engine(options.model, options.threads);
  json results = json::array();
  const std::size_t failed = predict_all(options, *engine, results);
  if (options.json) fmt::print("{}\n", dump(results));
  return failed == 0 ? 0 : tern::kExitFailure;
}

/// As network descriptions have it: a number, or [height, width].
json input_size(const tern::EngineSpeed& speed) {
  if (speed.input_height == speed.input_width) return speed.input_height;
  return {speed.input_height, speed.input_width};
}

int benchmark(const Options& options) {
  const tern::EngineSpeed speed =
      tern::measure_engine(options.model, options.threads, options.batch_size, options.seconds);
  const double images_per_second = static_cast<double>(options.batch_size) / speed.median_seconds;
  if (options.json) {
    const json result{{"model", options.model},
                      {"instruction_set", speed.instruction_set},
                      {"input_size", input_size(speed)},
                      {"input_height", speed.input_height},
                      {"input_width", speed.input_width},
                      {"threads", speed.threads},
                      {"batch", options.batch_size},
                      {"calls", speed.calls},
                      {"images_per_second", images_per_second},
                      {"median_seconds", speed.median_seconds},
                      {"lower_quartile_seconds", speed.lower_quartile_seconds},
                      {"upper_quartile_seconds", speed.upper_quartile_seconds},
                      {"model_bytes", speed.model_bytes},
                      {"memory_bytes", speed.memory_bytes}};
    fmt::print("{}\n", result.dump(2));
    return 0;
  }
  fmt::print("{}x{} pixels, batch {}, {} threads, {}\n", speed.input_height, speed.input_width,
             options.batch_size, speed.threads, speed.instruction_set);
  fmt::print("images/s   {:.1f}\n", images_per_second);
  fmt::print("latency    {:.3f} ms (median of {} calls; quartiles {:.3f} and {:.3f})\n",
             1e3 * speed.median_seconds, speed.calls, 1e3 * speed.lower_quartile_seconds,
             1e3 * speed.upper_quartile_seconds);
  fmt::print("memory     {:.1f} MB; file {:.1f} MB\n", static_cast<double>(speed.memory_bytes) / 1e6,
             static_cast<double>(speed.model_bytes) / 1e6);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  tern::CommandLine app("Says what is in pictures.", "tern-predict");
  Options options;
  app.option("MODEL", options.model, "merged model (tern-merge), or a checkpoint, which is merged in memory")
      .required();
  const tern::CommandOption images =
      app.option("IMAGE", options.images, "JPEG, PNG or WebP files, or folders of them");
  app.option("--top", options.top, "classes per image, the most probable ones")
      .in_range(1, 1'000'000)
      .show_default();
  app.option("--max-megapixels", options.max_megapixels, "larger pictures are refused")
      .in_range(1, tern::kMaxMegapixels)
      .show_default();
  app.flag("--json", options.json, "print JSON");
  app.option("--threads", options.threads, "CPU threads; 0 takes OMP_NUM_THREADS or all").in_range(0, 1024);
  const tern::CommandOption speed =
      app.flag("--benchmark", options.benchmark,
               "instead, measure speed and memory on noise, of 8 bits if the stem is int16")
          .excludes(images);
  app.option("--batch-size", options.batch_size, "images at a time, for --benchmark")
      .in_range(1, 1'000'000)
      .needs(speed)
      .show_default();
  app.option("--seconds", options.seconds, "how long to measure, for --benchmark")
      .in_range(0.0, 3600.0)
      .needs(speed)
      .show_default();
  return tern::run_program(app, argc, argv, [&] {
    if (options.benchmark) return benchmark(options);
    if (options.images.empty()) throw tern::UsageError("IMAGE is required");
    return predict(options);
  });
}
