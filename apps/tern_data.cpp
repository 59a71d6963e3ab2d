// tern-data digits|cifar10|cifar100|idx|resize ... OUT: makes data sets, converts them to folders of JPEGs,
// or copies such folders at a smaller size.
#include <fmt/core.h>

#include <optional>

#include "tern/apps/console/item_progress.h"
#include "tern/apps/console/program.h"
#include "tern/apps/console/signals.h"
#include "tern/apps/inputs/export_images.h"
#include "tern/apps/inputs/resize_images.h"
#include "tern/core/usable_cpus.h"
#include "tern/data/digits_writer.h"

namespace {

struct Options {
  std::string source, out;
  tern::DigitsConfig digits{8000, 2000, 1};
  int quality = 95;
  tern::ResizeJob resize;
  std::int64_t max_megapixels = 100;
};

void add_conversion(tern::CommandLine& app, const std::string& format, const std::string& help,
                    Options& options) {
  tern::CommandLine& command = app.command(format, help);
  command.option("SOURCE", options.source, "folder of the data set").required();
  command.option("OUT", options.out, "folder to make").required();
  command.option("--quality", options.quality, "of the JPEGs").in_range(1, 100).show_default();
}

void add_resize(tern::CommandLine& app, Options& options) {
  tern::ResizeJob& job = options.resize;
  job.threads = 0;
  tern::CommandLine& command = app.command(
      "resize",
      "copy a folder of images with a smaller shorter side; called again, goes on where it stopped");
  command.option("SOURCE", job.source, "folder of images, nested or not").required();
  command.option("OUT", job.out, "folder to make").required();
  command.option("--size", job.size, "of the shorter side; no larger pictures are copied as they are")
      .in_range(1, 65500)
      .show_default();
  command.option("--format", job.format, "of the files, which keep their names")
      .one_of({"jpeg", "png"})
      .show_default();
  command.option("--quality", job.quality, "of JPEGs").in_range(1, 100).show_default();
  command.option("--threads", job.threads, "threads; 0: one for each CPU").in_range(0, 1024).show_default();
  command.option("--max-megapixels", options.max_megapixels, "larger pictures are refused")
      .in_range(1, tern::kMaxMegapixels)
      .show_default();
}

/// False if images were bad or are left to do.
bool resize(Options& options) {
  tern::ResizeJob& job = options.resize;
  if (job.threads == 0) job.threads = tern::default_threads();
  job.images.max_pixels = options.max_megapixels * tern::kPixelsPerMegapixel;
  tern::install_stop_handlers();
  std::optional<tern::ItemProgress> progress;
  const tern::ResizeCounts counts = tern::resize_images(
      job,
      {.begin = [&](std::int64_t total) { progress.emplace(total, tern::stderr_output()); },
       .advance = [&](std::int64_t done) { progress->advance(done); },
       .bad_image =
           [&](std::string_view error) { progress->message(fmt::format("tern-data: error: {}", error)); },
       .stop = tern::stop_requested});
  progress.reset();
  fmt::print("{}: {} written, {} copied as they are, {} there before, {} bad; {} other files left out\n",
             job.out, counts.written, counts.copied, counts.present, counts.bad, counts.ignored);
  if (counts.stopped) tern::print_error_line("tern-data: stopped; the same call goes on");
  return counts.bad == 0 && !counts.stopped;
}

}  // namespace

int main(int argc, char** argv) {
  tern::CommandLine app(
      "Makes data sets, converts them to OUT/train/CLASS/*.jpg and OUT/test/CLASS/*.jpg, or makes them "
      "smaller.",
      "tern-data");
  Options options;
  tern::CommandLine& digits = app.command("digits", "generate images of digits, 32x32 RGB");
  digits.option("OUT", options.out, "folder to make").required();
  digits.option("--train", options.digits.train_count, "training images").show_default();
  digits.option("--test", options.digits.test_count, "test images").show_default();
  digits.option("--seed", options.digits.seed, "seed").show_default();
  add_conversion(app, "cifar10", "convert CIFAR-10 (binary version)", options);
  add_conversion(app, "cifar100", "convert CIFAR-100 (binary version)", options);
  add_conversion(app, "idx", "convert MNIST-like IDX files", options);
  add_resize(app, options);
  return tern::run_program(app, argc, argv, [&] {
    if (app.chosen_command() == "resize") return resize(options) ? 0 : tern::kExitFailure;
    if (app.chosen_command() == "digits") {
      tern::write_digits(options.out, options.digits);
    } else {
      tern::export_images(app.chosen_command(), options.source, options.out, options.quality);
    }
    fmt::print("{}: written\n", options.out);
    return 0;
  });
}
