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

void add_conversion(CLI::App& app, const std::string& format, const std::string& help, Options& options) {
  CLI::App* command = app.add_subcommand(format, help);
  command->add_option("SOURCE", options.source, "folder of the data set")->required();
  command->add_option("OUT", options.out, "folder to make")->required();
  command->add_option("--quality", options.quality, "of the JPEGs")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Makes data sets, or converts them to OUT/train/CLASS/*.jpg and OUT/test/CLASS/*.jpg.",
               "tern-data");
  app.require_subcommand(1);
  Options options;
  CLI::App* digits = app.add_subcommand("digits", "generate images of digits, 32x32 RGB");
  digits->add_option("OUT", options.out, "folder to make")->required();
  digits->add_option("--train", options.digits.train_count, "training images")->capture_default_str();
  digits->add_option("--test", options.digits.test_count, "test images")->capture_default_str();
  digits->add_option("--seed", options.digits.seed, "seed")->capture_default_str();
  add_conversion(app, "cifar10", "convert CIFAR-10 (binary version)", options);
  add_conversion(app, "cifar100", "convert CIFAR-100 (binary version)", options);
  add_conversion(app, "idx", "convert MNIST-like IDX files", options);
  return tern::run_program(app, argc, argv, [&] {
    if (digits->parsed()) {
      tern::write_digits(options.out, options.digits);
    } else {
      tern::export_images(app.get_subcommands().front()->get_name(), options.source, options.out,
                          options.quality);
    }
    fmt::print("{}: written\n", options.out);
    return 0;
  });
}
