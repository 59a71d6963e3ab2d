// tern-data digits|cifar10|cifar100|idx ... OUT: makes data sets, or converts them to folders of JPEGs.
#include <fmt/core.h>

#include "tern/apps/console/program.h"
#include "tern/apps/inputs/export_images.h"
#include "tern/data/digits_writer.h"

namespace {

struct Options {
  std::string source, out;
  tern::DigitsConfig digits{8000, 2000, 1};
  int quality = 95;
};

void add_conversion(tern::CommandLine& app, const std::string& format, const std::string& help,
                    Options& options) {
  tern::CommandLine& command = app.command(format, help);
  command.option("SOURCE", options.source, "folder of the data set").required();
  command.option("OUT", options.out, "folder to make").required();
  command.option("--quality", options.quality, "of the JPEGs").in_range(1, 100).show_default();
}

}  // namespace

int main(int argc, char** argv) {
  tern::CommandLine app(
      "Makes data sets, or converts them to OUT/train/CLASS/*.jpg and OUT/test/CLASS/*.jpg.", "tern-data");
  Options options;
  tern::CommandLine& digits = app.command("digits", "generate images of digits, 32x32 RGB");
  digits.option("OUT", options.out, "folder to make").required();
  digits.option("--train", options.digits.train_count, "training images").show_default();
  digits.option("--test", options.digits.test_count, "test images").show_default();
  digits.option("--seed", options.digits.seed, "seed").show_default();
  add_conversion(app, "cifar10", "convert CIFAR-10 (binary version)", options);
  add_conversion(app, "cifar100", "convert CIFAR-100 (binary version)", options);
  add_conversion(app, "idx", "convert MNIST-like IDX files", options);
  return tern::run_program(app, argc, argv, [&] {
    if (app.chosen_command() == "digits") {
      tern::write_digits(options.out, options.digits);
    } else {
      tern::export_images(app.chosen_command(), options.source, options.out, options.quality);
    }
    fmt::print("{}: written\n", options.out);
    return 0;
  });
}
