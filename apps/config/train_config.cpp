#include "tern/apps/config/train_config.h"

#include <fmt/ranges.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "tern/apps/config/config_schema.h"
#include "tern/apps/config/train_config_check.h"
#include "tern/apps/console/wrap_text.h"
#include "tern/apps/inputs/open_dataset.h"
#include "tern/core/error.h"
#include "tern/layers/ternary/sttn.h"

namespace tern {
namespace {

void declare_run(Schema& schema, TrainConfig& run) {
  schema.field("seed", run.seed, "seed of every random stream").at_least(0);
  schema.field("device", run.device, "auto, cpu, cuda or cuda:N; auto takes a GPU if there is one");
  schema.field("threads", run.threads, "CPU threads; 0 takes OMP_NUM_THREADS or all")
      .at_least(0)
      .at_most(4096);
  schema
      .field("precision", run.precision,
             "of float computations; tf32 is faster and less exact on GPUs that have it; bf16, on GPUs and "
             "on CPUs "
             "that multiply it, halves the memory of activations besides")
      .one_of({"fp32", "tf32", "bf16"});
  schema.field("output", run.output, "the run's folder, such as runs/NAME")
      .required()
      .example(R"("runs/photos")");
}

void declare_data(Schema& schema, DataSection& data) {
  const std::vector<std::string> policies = {"fail", "skip"};
  schema.field("data.format", data.format, "format of the data set")
      .one_of(dataset_formats())
      .required()
      .example(R"("image_folder")");
  schema.field("data.path", data.path, "folder of the data set").required().example(R"("photos")");
  schema.field("data.train", data.train,
               "training images: of an image_folder a sub-folder, of a csv the file");
  schema.field("data.validation", data.validation, "the same of the validation images");
  schema
      .field(
          "data.validation_split", data.validation_split,
          "share of the training images of each class that is kept for validation, by the seed, in place of "
          "data.validation; 0: none")
      .at_least(0)
      .below(1);
  schema.field("data.path_column", data.path_column, "csv: name of the column of paths");
  schema.field("data.label_column", data.label_column, "csv: name of the column of classes");
  schema.field("data.balanced", data.balanced,
               "an epoch shows as many training images of each class: of rare ones some repeatedly, of "
               "frequent ones not all");
  schema.field("data.bad_images", data.bad_images, "what an unreadable training image does").one_of(policies);
  schema
      .field("data.validation_bad_images", data.validation_bad_images,
             "what an unreadable validation image does")
      .one_of(policies);
  schema
      .field("data.workers", data.workers,
             "threads that read and transform images; by default 2, or 1 where no more may be used")
      .at_least(1)
      .at_most(1024);
  constexpr double kMaxMegabytes = 1 << 30;  // a pebibyte, of which the bytes can be counted
  schema.field("data.cache_mb", data.cache_mb, "memory for decoded images in MiB; 0 decodes anew each time")
      .at_least(0)
      .at_most(kMaxMegabytes);
  schema.field("data.max_megapixels", data.max_megapixels, "larger images are bad images")
      .at_least(1)
      .at_most(kMaxMegapixels);
  schema.field(
      "data.dct_scaling", data.dct_scaling,
      "decode a training JPEG at 1/2, 1/4 or 1/8 where what is cut out of it shrinks by that: quicker, "
      "but no longer Pillow's pixels");
  schema.field("data.check_images", data.check_images,
               "read the headers of all images before the first step, so that bad ones cost no training");
}

void declare_input(Schema& schema, InputSection& input) {
  schema.field("input.size", input.size, "height and width of the network's input in pixels")
      .at_least(1)
      .at_most(kMaxInputSize);
  schema.field("input.height", input.height, "its height alone; 0: input.size")
      .at_least(0)
      .at_most(kMaxInputSize);
  schema.field("input.width", input.width, "its width alone; 0: input.size")
      .at_least(0)
      .at_most(kMaxInputSize);
  schema.field("input.channels", input.channels, "3: red, green, blue; 1: the luminance (ITU-R BT.601)")
      .at_least(1)
      .at_most(3);
  schema.field("input.resize", input.resize, "scale the shorter side to this many pixels first; 0 does not")
      .at_least(0)
      .at_most(kMaxInputSize);
  schema.field("input.interpolation", input.interpolation, "antialiased filter of every scaling")
      .one_of(input_interpolations());
  schema.field("input.crop", input.crop, "training crop to the network's input; validation crops the centre")
      .one_of(input_crops());
  schema.field("input.padding", input.padding, "pixels put around the image before a random crop")
      .at_least(0)
      .at_most(kMaxInputPadding);
  schema.field("input.flip", input.flip, "mirror half of the training images left to right");
  schema.field("input.exif_orientation", input.exif_orientation,
               "turn images upright as their EXIF orientation says");
  schema
      .field("input.background", input.background, "red, green and blue (0 to 255) behind transparent pixels")
      .length(3)
      .at_least(0)
      .at_most(255);
  const InputSection grey = grey_input();
  schema.field("input.mean", input.mean,
               fmt::format("one for each channel: subtracted from it, which lies in [0, 1]; of the luminance "
                           "{} by default",
                           grey.mean.front()));
  schema
      .field("input.std", input.std,
             fmt::format("one for each channel: divides it after that; of the luminance {} by default",
                         grey.std.front()))
      .above(0);
}

void declare_augmentation(Schema& schema, AugmentationSection& augmentation) {
  schema
      .field("augmentation.padding_mode", augmentation.padding_mode,
             "what input.padding consists of: black, or the image reflected at its border")
      .one_of({"zero", "reflect"});
  schema
      .field("augmentation.flip_mode", augmentation.flip_mode,
             "how input.flip chooses: by chance, or each image in every other epoch")
      .one_of({"random", "alternating"});
  schema
      .field("augmentation.color_jitter", augmentation.color_jitter,
             "how far brightness, contrast, saturation and hue change, as torchvision's ColorJitter")
      .length(4)
      .at_least(0);
  schema.field("augmentation.trivial_augment", augmentation.trivial_augment,
               "change every image by one random operation of TrivialAugment (wide)");
  schema
      .field("augmentation.cutout", augmentation.cutout,
             "side of a square around a random pixel that becomes the mean colour; 0: none")
      .at_least(0)
      .at_most(kMaxInputSize);
  schema
      .field("augmentation.erasing", augmentation.erasing,
             "probability that a random rectangle, 2 to 33 % of the image, becomes the mean colour")
      .at_least(0)
      .at_most(1);
  schema
      .field("augmentation.mixup", augmentation.mixup,
             "images and labels become weighted sums of two, with shares of Beta(mixup, mixup); 0: not")
      .at_least(0)
      .at_most(8);
  schema
      .field("augmentation.cutmix", augmentation.cutmix,
             "the same by a square of another image, with shares of Beta(cutmix, cutmix); 0: not")
      .at_least(0)
      .at_most(8);
}

void declare_training(Schema& schema, TrainingSection& training) {
  schema.field("training.epochs", training.epochs, "passes over the training images")
      .at_least(1)
      .at_most(1e6);
  schema
      .field("training.patience", training.patience,
             "early stopping: epochs without a better validation accuracy that end the training; 0: none do")
      .at_least(0);
  schema.field("training.batch_size", training.batch_size, "images in one optimiser step")
      .at_least(1)
      .at_most(1 << 20);
  schema.field("training.shards", training.shards, "equal parts of a batch, which processes share out")
      .at_least(1)
      .at_most(1 << 20);
  schema
      .field("training.batch_norm", training.batch_norm,
             "statistics of batch norms in training: of each shard, or synchronised, of the whole batch")
      .one_of({"shard", "synchronised"});
  schema
      .field("training.loss", training.loss,
             "cross_entropy learns from labels, distillation from training.teacher or from both")
      .one_of({"cross_entropy", "distillation"});
  schema
      .field("training.distillation_weight", training.distillation_weight,
             "distillation: share of the teacher in the loss; the rest is cross entropy with the labels")
      .above(0)
      .at_most(1);
  schema
      .field("training.temperature", training.temperature,
             "distillation: divides the logits of teacher and network; the loss is multiplied by its square")
      .above(0);
  schema
      .field("training.label_smoothing", training.label_smoothing,
             "probability mass of the labels that is spread over all classes")
      .at_least(0)
      .below(1);
  schema
      .field("training.class_weights", training.class_weights,
             "how much classes count in the loss of the labels, as PyTorch's CrossEntropyLoss has it: "
             "\"balanced\", images / (classes * images of the class), or an object of weights by name, 1 for "
             "the "
             "others; \"\": all the same")
      .example(R"({"cat": 2.5})");
  schema
      .field("training.gradient_clip", training.gradient_clip,
             "largest L2 norm of all gradients together; 0 does not clip")
      .at_least(0);
  schema
      .field("training.ema_decay", training.ema_decay,
             "decay of a moving average of the weights, which is evaluated and saved in their place; 0: none")
      .at_least(0)
      .below(1);
  schema.field(
      "training.cuda_graph", training.cuda_graph,
      "on a GPU, launches the way of a batch forward and backward as one CUDA graph, with the same bits; "
      "where none can be recorded, a run says why and goes on without");
  schema
      .field("training.weight_gradient", training.weight_gradient,
             "of the weights \"sttn\": how the gradient passes the signs; polynomial trains thresholds, too")
      .one_of(weight_gradient_rule_names());
  schema.field("training.teacher", training.teacher,
               "the teacher: a checkpoint of Tern, or a state dict that PyTorch saved (.pth, safetensors)");
  schema.field(
      "training.teacher_model", training.teacher_model,
      "network of a state dict, such as \"resnet50\", or its description; a checkpoint of Tern needs none");
  schema
      .field("training.teacher_mode", training.teacher_mode,
             "statistics in the teacher's batch norms: running (eval) or of the batch (train)")
      .one_of({"eval", "train"});
}

void declare_init(Schema& schema, InitSection& init) {
  const std::vector<std::string> rules = {"fan_in", "kaiming", "constant"};
  schema.field(
      "init.from", init.from,
      "a checkpoint whose weights the network starts from: its twin in floats or by another method, or "
      "for other classes");
  schema
      .field("init.conv", init.conv,
             "standard deviation of convolution weights: 1/fan_in, sqrt(2/fan_in) or conv_std")
      .one_of(rules);
  schema.field("init.conv_std", init.conv_std, "standard deviation if init.conv is constant").at_least(0);
  schema.field("init.linear", init.linear, "the same for linear weights").one_of(rules);
  schema.field("init.linear_std", init.linear_std, "standard deviation if init.linear is constant")
      .at_least(0);
  schema
      .field("init.whitening_images", init.whitening_images,
             "training images that set the filters of the stem \"whitened\"")
      .at_least(1);
}

void declare_optimizer(Schema& schema, OptimizerSection& optimizer) {
  schema
      .field(
          "optimizer.name", optimizer.name,
          "update rule; adamw decouples the weight decay; muon is for convolutions, with adamw for the rest")
      .one_of({"sgd", "adam", "adamw", "muon"});
  schema.field("optimizer.lr", optimizer.lr, "learning rate, before the schedule").above(0);
  schema.field("optimizer.betas", optimizer.betas, "adam, adamw, muon: decay of both moments")
      .length(2)
      .at_least(0)
      .below(1);
  schema.field("optimizer.eps", optimizer.eps, "adam, adamw, muon: added to the denominator").above(0);
  schema
      .field("optimizer.weight_decay", optimizer.weight_decay,
             "pull towards 0 of the weights of float convolutions and linear layers")
      .at_least(0);
  schema.field("optimizer.decay_norms", optimizer.decay_norms,
               "weight decay of norms, biases, slopes and thresholds, too");
  schema.field("optimizer.decay_latents", optimizer.decay_latents,
               "weight decay of the latent weights of ternary layers, too");
  schema
      .field("optimizer.threshold_lr_factor", optimizer.threshold_lr_factor,
             "multiplies the learning rate of learned thresholds and steps")
      .at_least(0);
  schema.field("optimizer.momentum", optimizer.momentum, "sgd, muon: momentum").at_least(0).below(1);
  schema.field("optimizer.nesterov", optimizer.nesterov, "sgd, muon: Nesterov's momentum");
  schema
      .field("optimizer.adam_lr_factor", optimizer.adam_lr_factor,
             "muon: multiplies the learning rate of what is no convolution")
      .above(0);
}

void declare_schedule(Schema& schema, ScheduleSection& schedule) {
  schema.field("schedule.name", schedule.name, "course of the learning rate")
      .one_of({"cosine", "linear", "step", "constant"});
  schema.field("schedule.per", schedule.per, "how often the rate changes").one_of({"epoch", "step"});
  schema
      .field("schedule.warmup", schedule.warmup,
             "epochs of linear rise from 0; with schedule.per \"step\" also a part of one, such as 0.5")
      .at_least(0);
  schema.field("schedule.warmup_steps", schedule.warmup_steps, "the same in steps, instead").at_least(0);
  schema.field("schedule.min_lr", schedule.min_lr, "cosine, linear: the rate at the end").at_least(0);
  schema.field("schedule.step_size", schedule.step_size, "step: epochs between two drops").at_least(0);
  schema.field("schedule.gamma", schedule.gamma, "step: factor of a drop").above(0).at_most(1);
}

Schema declare(TrainConfig& config) {
  Schema schema;
  declare_run(schema, config);
  declare_data(schema, config.data);
  declare_input(schema, config.input);
  declare_augmentation(schema, config.augmentation);
  schema
      .field("model", config.model,
             "name of a network, or its description: {\"name\" or \"family\": ..., and fields of "
             "docs/training.md}")
      .required()
      .example(
          R"({"family": "resnet", "block": "sttn", "stem": "cifar", "widths": [16, 32], "depths": [2, 2]})");
  declare_training(schema, config.training);
  declare_init(schema, config.init);
  declare_optimizer(schema, config.optimizer);
  declare_schedule(schema, config.schedule);
  schema.field("log.every_steps", config.log.every_steps, "steps between two lines of log.jsonl").at_least(1);
  schema.field("log.tensorboard", config.log.tensorboard,
               "write an event file for TensorBoard: the numbers of each epoch, those of each of "
               "log.every_steps steps, and "
               "histograms of the weights");
  schema
      .field("checkpoint.every_steps", config.checkpoint.every_steps,
             "steps between two checkpoints; 0 saves at the end of each epoch only")
      .at_least(0);
  schema
      .field("distributed.timeout", config.distributed.timeout,
             "seconds that a process waits for another before it ends all of them")
      .at_least(1)
      .at_most(86400);
  schema
      .field(
          "distributed.backend", config.distributed.backend,
          "by what gradients travel between processes: nccl from GPU to GPU, mpi through the memory of the "
          "host, auto: nccl where each process has a GPU of its own")
      .one_of({"auto", "nccl", "mpi"});
  schema
      .field("distributed.reduction", config.distributed.reduction,
             "in which order gradients are added up: tree, whose bits do not depend on the number of "
             "processes, a "
             "power of two; or nccl, by ncclAllReduce between any number of GPUs")
      .one_of({"tree", "nccl"});
  return schema;
}

void apply_grey_defaults(InputSection& input) {
  const InputSection grey = grey_input(), colour;
  if (input.channels != grey.channels) return;
  if (input.mean == colour.mean) input.mean = grey.mean;
  if (input.std == colour.std) input.std = grey.std;
}

}  // namespace

TrainConfig load_train_config(const std::string& path, const std::vector<std::string>& overrides) {
  require<DataError>(!std::filesystem::is_directory(path), "{}: is a folder, not a configuration file", path);
  std::ifstream file(path, std::ios::binary);
  require<DataError>(file.is_open(), "{}: cannot open the configuration: {}", path, std::strerror(errno));
  constexpr std::size_t kMaxBytes = 16 << 20;
  std::string text(kMaxBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  require<DataError>(text.size() <= kMaxBytes, "{}: is larger than {} bytes; is it a configuration?", path,
                     kMaxBytes);
  return parse_train_config(text, path, overrides);
}

TrainConfig parse_train_config(const std::string& text, const std::string& source,
                               const std::vector<std::string>& overrides) {
  TrainConfig config;
  declare(config).read(text, source, overrides);
  apply_grey_defaults(config.input);
  check_train_config(config, source);
  return config;
}

std::string to_json(const TrainConfig& config) {
  TrainConfig copy = config;
  return declare(copy).to_json();
}

std::string train_config_help(int columns, const std::string& section) {
  constexpr int kMargin = 8;
  TrainConfig defaults;
  const Schema schema = declare(defaults);
  const std::string help = wrap_text(schema.help(section), columns, kMargin);
  if (section.empty()) {
    return help + wrap_text(fmt::format("\nWith an example, of one section: --help-config {}\n",
                                        fmt::join(schema.sections(), ", ")),
                            columns);
  }
  return fmt::format("{}\nIn a configuration, here with the defaults where there are any:\n\n{}", help,
                     schema.example(section));
}

}  // namespace tern
