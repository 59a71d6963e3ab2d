// tern-evaluate CHECKPOINT_OR_MODEL --data DIR [--flip] [--json] [--predictions CSV] [--compare OTHER]
// [--layers]: accuracy on a labelled data set.
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "tern/apps/compare/model_comparison.h"
#include "tern/apps/console/program.h"
#include "tern/apps/inputs/class_names.h"
#include "tern/apps/inputs/open_dataset.h"
#include "tern/apps/inputs/output_file.h"
#include "tern/apps/report/predictions.h"
#include "tern/core/atomic_file.h"
#include "tern/core/device_choice.h"
#include "tern/core/error.h"
#include "tern/core/quote.h"
#include "tern/core/thread_default.h"
#include "tern/data/relabelled.h"
#include "tern/models/engine/engine.h"
#include "tern/models/engine/transform_config.h"
#include "tern/models/model_file.h"
#include "tern/models/model_metadata.h"
#include "tern/training/evaluation.h"

namespace {

struct Options {
  std::string model, other, data, predictions, format = "image_folder", split = "test", bad_images = "fail",
                                               device = "auto", path_column = "path", label_column = "label";
  std::int64_t batch_size = 128, max_megapixels = 100;
  int threads = 0, workers = 1;
  bool json = false, layers = false, flip = false;
};

void print_rates(const tern::Evaluation& result) {
  fmt::print("loss       {:.4f}\ntop-1      {:.2f} %\ntop-5      {:.2f} %\n", result.loss,
             100 * result.accuracy(), 100 * result.top5_accuracy());
}

bool has_images(const std::vector<std::int64_t>& row) {
  return std::any_of(row.begin(), row.end(), [](std::int64_t count) { return count > 0; });
}

void print_text(const tern::Evaluation& result, const tern::Evaluation* flipped,
                const std::vector<std::string>& classes) {
  fmt::print("images     {}\n", result.samples);
  const auto shown = std::count_if(result.confusion.begin(), result.confusion.end(), has_images);
  if (shown < static_cast<std::ptrdiff_t>(classes.size()))
    fmt::print("classes    {} of {} have images\n", shown, classes.size());
  print_rates(result);
  if (flipped != nullptr) {
    fmt::print("with test-time flips (logits: mean of those of the image and its mirror image)\n");
    print_rates(*flipped);
  }
  if (result.left_out > 0)
    fmt::print("left out   {} ({})\n", result.left_out,
               tern::printable(fmt::format("{}", fmt::join(result.left_out_names, ", "))));
  constexpr std::size_t kLargestTable = 20;
  if (classes.size() > kLargestTable) return;  // --json has it
  fmt::print("confusion{} (rows: true class, columns: predicted)\n",
             flipped != nullptr ? " without flips" : "");
  for (std::size_t i = 0; i < classes.size(); ++i) {
    fmt::print("{:<12.12}", tern::printable(classes[i]));
    for (const std::int64_t count : result.confusion[i]) fmt::print("{:>7}", count);
    fmt::print("\n");
  }
}

nlohmann::json rates(const tern::Evaluation& result) {
  return {{"loss", result.loss},
          {"correct", result.correct},
          {"top1", result.accuracy()},
          {"top5", result.top5_accuracy()},
          {"confusion", result.confusion}};
}

void print_json(const tern::Evaluation& result, const tern::Evaluation* flipped,
                const std::vector<std::string>& classes) {
  nlohmann::json json = rates(result);
  json["images"] = result.samples;
  json["class_names"] = classes;
  json["left_out"] = result.left_out;
  if (flipped != nullptr) json["with_flips"] = rates(*flipped);
  fmt::print("{}\n", json.dump(2));
}

bool all_in(const std::vector<std::string>& known, const std::vector<std::string>& names) {
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return std::find(known.begin(), known.end(), name) != known.end();
  });
}

/// The data set, which may have only some of the model's classes, with the model's labels.
std::unique_ptr<tern::Dataset> open_for(const Options& options, const tern::ModelMetadata& metadata) {
  tern::DatasetSource source;
  source.format = options.format;
  source.path = options.data;
  source.columns = {options.path_column, options.label_column};
  source.split = options.split == "train" ? tern::Split::train : tern::Split::test;
  source.images = tern::image_options(metadata.input, options.max_megapixels);
  auto dataset = tern::open_dataset(source);
  if (dataset->class_names() == metadata.class_names) return dataset;
  tern::require<tern::DataError>(
      all_in(metadata.class_names, dataset->class_names()),
      "{}: its classes are not those of the model: {}; --data takes the folder that holds a folder per class",
      options.data,
      tern::describe_class_difference(dataset->class_names(), "the data", metadata.class_names, "the model"));
  return std::make_unique<tern::Relabelled>(std::move(dataset), metadata.class_names);
}

// Merged models on the CPU are run as they are deployed.
bool by_engine(const Options& options, const tern::LoadedModel& model, tern::Device device) {
  return !options.layers && options.other.empty() && device == tern::Device{} && model.merged();
}

tern::Forward engine_forward(const std::string& path, int threads) {
  auto engine = std::make_shared<tern::engine::Engine>(*tern::open_file(path), threads);
  return [engine](const tern::Tensor& images) {
    tern::Tensor logits = tern::Tensor::empty({images.dim(0), engine->classes()});
    engine->run(images.data<float>(), static_cast<std::size_t>(images.dim(0)), logits.data<float>());
    return logits;
  };
}

tern::Forward layers_forward(tern::Module& network, tern::Device device) {
  network.to(device);
  return [&network](const tern::Tensor& images) { return network.forward(tern::Variable(images)).value(); };
}

tern::LoaderConfig loader_config(const Options& options, tern::Device device) {
  tern::LoaderConfig config;
  config.batch_size = options.batch_size;
  config.workers = options.workers;
  config.bad_images = tern::parse_bad_image_policy(options.bad_images);
  config.cache_bytes = 0;
  config.device = device;
  return config;
}

/// A model with the images to evaluate it on.
class Subject {
 public:
  Subject(const Options& options, const std::string& path, tern::Device device)
      : path_(path),
        model_(tern::load_model(path)),
        metadata_(tern::read_model_metadata(model_.metadata, path)),
        dataset_(open_for(options, metadata_)),
        config_(loader_config(options, device)),
        forward_(by_engine(options, model_, device) ? engine_forward(path, options.threads)
                                                    : layers_forward(*model_.network, device)) {}

  const std::vector<std::string>& class_names() const { return metadata_.class_names; }

  tern::EvaluatedModel evaluate(std::vector<std::int64_t>* samples = nullptr) const {
    tern::Loader images = loader(tern::Flip::none);
    tern::EvaluatedModel result{path_, &model_, {}, {}};
    result.evaluation = tern::evaluate(forward_, images, &result.logits, samples);
    return result;
  }

  /// Writes the table of all predictions to the file `path`, which is made before anything is evaluated.
  tern::Evaluation evaluate_to(const std::string& path) const {
    tern::AtomicFile file(path);
    std::vector<std::int64_t> samples;
    tern::EvaluatedModel result = evaluate(&samples);
    const std::string table = tern::predictions_csv(*dataset_, samples, result.logits);
    file.write(table.data(), table.size());
    file.commit();
    return std::move(result.evaluation);
  }

  tern::EvaluationWithFlips evaluate_with_flips() const {
    tern::Loader images = loader(tern::Flip::none), mirrored = loader(tern::Flip::always);
    return tern::evaluate_with_flips(forward_, images, mirrored);
  }

 private:
  tern::Loader loader(tern::Flip flip) const {
    const tern::Shape& image = model_.graph.input().output;
    return {*dataset_, tern::evaluation_transform(metadata_.input, image, path_, flip), config_};
  }

  std::string path_;
  tern::LoadedModel model_;
  tern::ModelMetadata metadata_;
  std::unique_ptr<tern::Dataset> dataset_;
  tern::LoaderConfig config_;
  tern::Forward forward_;
};

int run(const Options& options) {
  if (!options.predictions.empty())
    tern::require_other_file(options.predictions, {options.model, options.data}, "--predictions");
  tern::use_threads(options.threads);
  const tern::Device device = tern::resolve_device(options.device);
  const Subject subject(options, options.model, device);
  const auto print = options.json ? print_json : print_text;
  if (options.flip) {
    const tern::EvaluationWithFlips result = subject.evaluate_with_flips();
    print(result.plain, &result.flipped, subject.class_names());
  } else if (!options.predictions.empty()) {
    print(subject.evaluate_to(options.predictions), nullptr, subject.class_names());
  } else if (options.other.empty()) {
    print(subject.evaluate().evaluation, nullptr, subject.class_names());
  } else {
    const Subject other(options, options.other, device);
    fmt::print("{}", tern::comparison_table(subject.evaluate(), other.evaluate()));
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  tern::CommandLine app("Evaluates a checkpoint or a merged model on a labelled data set.", "tern-evaluate");
  Options options;
  app.option("MODEL", options.model, "checkpoint or merged model").required();
  app.option("--data", options.data,
             "folder of the data set; for image_folder that of the class folders, for csv the file")
      .required();
  app.option("--format", options.format, "format of the data set")
      .one_of(tern::dataset_formats())
      .show_default();
  app.option("--path-column", options.path_column, "csv: name of the column of paths").show_default();
  app.option("--label-column", options.label_column, "csv: name of the column of classes").show_default();
  app.option("--split", options.split, "cifar10, cifar100, idx: train or test")
      .one_of({"train", "test"})
      .show_default();
  app.option("--bad-images", options.bad_images, "what an unreadable image does")
      .one_of({"fail", "skip"})
      .show_default();
  app.option("--max-megapixels", options.max_megapixels, "larger images are bad images")
      .in_range(1, tern::kMaxMegapixels)
      .show_default();
  app.option("--batch-size", options.batch_size, "images at a time").in_range(1, 1'000'000).show_default();
  app.option("--device", options.device, "auto, cpu, cuda or cuda:N").show_default();
  app.option("--threads", options.threads, "CPU threads; 0 takes OMP_NUM_THREADS or all").in_range(0, 1024);
  app.option("--workers", options.workers, "threads that decode images").in_range(0, 256);
  app.flag("--layers", options.layers,
           "run a merged model by the layers of training, as --compare does, and not by the packed engine");
  const tern::CommandOption json = app.flag("--json", options.json, "print JSON");
  const tern::CommandOption flip =
      app.flag("--flip", options.flip,
               "report beside the rest what the mean of the logits of each image and its mirror image gives");
  const tern::CommandOption predictions =
      app.option("--predictions", options.predictions,
                 "write a table (CSV) of path, label, prediction and its probability to this file")
          .excludes(flip);
  app.option("--compare", options.other, "a second model, such as the merged form: print both side by side")
      .excludes(json)
      .excludes(flip)
      .excludes(predictions);
  return tern::run_program(app, argc, argv, [&] { return run(options); });
}
