// tern-train CONFIG.json [--set a.b=value]... [--resume]: trains a network.
#include <fmt/core.h>

#include "apps/support/memory_report.h"
#include "apps/support/model_summary.h"
#include "apps/support/program.h"
#include "apps/support/signals.h"
#include "apps/support/trainer.h"
#include "apps/support/training_parts.h"
#include "models/resnet.h"

namespace {

tern::ResNetConfig network_config(const tern::TrainConfig& config) {
  const auto dataset = tern::make_dataset(config, tern::Split::train);
  return tern::network_config(config, static_cast<std::int64_t>(dataset->class_names().size()));
}

int summarise(const tern::TrainConfig& config) {
  const tern::ResNetConfig network = network_config(config);
  fmt::print("{}", tern::model_summary(*tern::make_resnet(network), network));
  return 0;
}

int report_memory(const tern::TrainConfig& config) {
  fmt::print("{}", tern::memory_report(network_config(config)));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Trains a network as a JSON configuration describes.", "tern-train");
  std::string config_path;
  std::vector<std::string> overrides;
  bool resume = false, summary = false, memory = false, help_config = false;
  app.add_option("CONFIG", config_path, "the configuration file");
  app.add_option("--set", overrides, "override a field: --set optimizer.lr=0.001")->allow_extra_args(false);
  app.add_flag("--resume", resume, "go on with the run in the output folder");
  app.add_flag("--summary", summary, "print the network, layer by layer, and exit");
  app.add_flag("--memory", memory, "print the bytes per image that training keeps, by kind, and exit");
  app.add_flag("--help-config", help_config, "print every field of the configuration and exit");
  return tern::run_program(app, argc, argv, [&] {
    if (help_config) {
      fmt::print("{}", tern::train_config_help());
      return 0;
    }
    if (config_path.empty()) throw CLI::RequiredError("CONFIG");
    const tern::TrainConfig config = tern::load_train_config(config_path, overrides);
    if (summary) return summarise(config);
    if (memory) return report_memory(config);
    tern::install_stop_handlers();
    tern::Trainer trainer(config, resume);
    constexpr int kExitInterrupted = 130;
    return trainer.run() ? 0 : kExitInterrupted;
  });
}
