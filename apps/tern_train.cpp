// tern-train CONFIG.json [--set a.b=value]... [--resume] [--ranks N]: trains a network.
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "tern/apps/config/training_parts.h"
#include "tern/apps/console/deadline.h"
#include "tern/apps/console/program.h"
#include "tern/apps/console/signals.h"
#include "tern/apps/console/terminal.h"
#include "tern/apps/report/memory_report.h"
#include "tern/apps/report/model_summary.h"
#include "tern/apps/speed/training_speed.h"
#include "tern/apps/training_run.h"
#include "tern/core/device_choice.h"
#include "tern/distributed/launcher.h"
#include "tern/distributed/process_group.h"
#include "tern/models/registry.h"
#include "tern/training/sharded_step.h"

namespace {

tern::NetworkConfig network_config(const tern::TrainConfig& config) {
  const auto dataset = tern::make_dataset(config, tern::Split::train);
  return tern::network_config(config, static_cast<std::int64_t>(dataset->class_names().size()));
}

int summarise(const tern::TrainConfig& config) {
  const tern::NetworkConfig network = network_config(config);
  fmt::print("{}", tern::model_summary(trace_graph(*network.make(), network.image)));
  return 0;
}

int report_memory(const tern::TrainConfig& config) {
  apply_process_settings(config);
  fmt::print("{}",
             tern::memory_report(network_config(config), config.training.batch_size / config.training.shards,
                                 tern::resolve_device(config.device)));
  return 0;
}

// Starts this program again, on `ranks` processes.
[[noreturn]] void launch(int ranks, int argc, char** argv) {
  std::vector<std::string> arguments{std::filesystem::read_symlink("/proc/self/exe").string()};
  arguments.insert(arguments.end(), argv + 1, argv + argc);
  std::vector<std::string> command = tern::launch_command(ranks, arguments);
  std::vector<char*> pointers;
  for (std::string& word : command) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  execvp(pointers.front(), pointers.data());
  throw tern::DistributedError(fmt::format("--ranks {}: cannot start {}: {}; install Open MPI (openmpi-bin)",
                                           ranks, command.front(), std::strerror(errno)));
}

// MPI waits for the last process without an end where all begin, and where they end.
tern::Deadline deadline(const tern::TrainConfig& config, const char* place, const char* what) {
  const double seconds = config.distributed.timeout;
  return {seconds, fmt::format("tern-train: error: {}: MPI has not {} the {} processes within {} s "
                               "(distributed.timeout): one of them is stuck, stopped or gone",
                               place, what, tern::launched_ranks(), seconds)};
}

std::unique_ptr<tern::ProcessGroup> meet(const tern::TrainConfig& config) {
  const tern::Deadline begun = deadline(config, "the start", "connected");
  return tern::launched_process_group({config.distributed.timeout});
}

void part(const tern::TrainConfig& config, std::unique_ptr<tern::ProcessGroup> group) {
  const tern::Deadline ended = deadline(config, "the end", "disconnected");
  group.reset();
}

// What `body` returns, called in each of the processes that train together. What fails is said once.
int in_all_processes(const tern::TrainConfig& config,
                     const std::function<int(tern::ProcessGroup& group)>& body) {
  auto group = meet(config);
  const int rank = group->rank();
  try {
    const int exit_code = body(*group);
    part(config, std::move(group));
    return exit_code;
  } catch (const std::exception& error) {
    if (!group || group->size() == 1) throw;
    if (!group->failed_together()) {
      fmt::print(stderr, "tern-train: rank {} on {}: error: {}\n", rank, group->host(rank), error.what());
      group->abort(tern::kExitFailure);
    }
    part(config, std::move(group));
    if (rank == 0) throw;
    return tern::kExitFailure;
  }
}

int train(const tern::TrainConfig& config, bool resume, const std::vector<std::string>& forced,
          tern::ProcessGroup& group) {
  constexpr int kExitInterrupted = 130;
  return tern::TrainingRun(config, resume, forced, group).run() ? 0 : kExitInterrupted;
}

int report_speed(const tern::TrainConfig& config, std::int64_t steps, tern::ProcessGroup& group) {
  const tern::TrainingSpeed speed = tern::measure_training(config, network_config(config), steps, group);
  if (group.rank() != 0) return 0;
  if (!speed.no_graph.empty()) tern::print_error_line("without a CUDA graph: " + speed.no_graph);
  fmt::print("{}\n", nlohmann::json{{"device", tern::describe(device_of(config, group))},
                                    {"processes", group.size()},
                                    {"first_loss", speed.first_loss},
                                    {"images_per_second", speed.images_per_second},
                                    {"peak_memory_bytes", speed.peak_memory_bytes}}
                         .dump(2));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  tern::CommandLine app("Trains a network as a JSON configuration describes.", "tern-train");
  std::string config_path;
  std::vector<std::string> overrides, forced;
  std::int64_t benchmark_steps = 0;
  int ranks = 1;
  std::string help_section;
  bool resume = false, summary = false, memory = false;
  app.option("CONFIG", config_path, "the configuration file");
  app.option("--set", overrides, "override a field: --set optimizer.lr=0.001").one_value_each();
  app.option("--ranks", ranks, "train in so many processes of this machine, started by mpirun")
      .in_range(1, 4096);
  const tern::CommandOption resume_flag =
      app.flag("--resume", resume, "go on with the run in the output folder");
  app.option("--force", forced,
             "a field, or a section, in which the resumed run may differ from its beginning")
      .one_value_each()
      .needs(resume_flag);
  app.flag("--summary", summary, "print the network, layer by layer, and exit");
  app.flag("--memory", memory,
           "print the bytes per image that training keeps, by kind, on a GPU also the memory of a step and "
           "what cuDNN takes, and exit");
  app.option("--benchmark", benchmark_steps,
             "measure the speed of this many training steps on noise, print it as JSON and exit")
      .in_range(1, 1'000'000);
  app.option("--help-config", help_section,
             "print the fields of a section of the configuration with an example, or all fields, and exit")
      .optional_value("all");
  app.manual_section("Configuration", [] { return tern::train_config_help(80, ""); });
  return tern::run_program(app, argc, argv, [&] {
    if (!help_section.empty()) {
      const std::string section = help_section == "all" ? "" : help_section;
      fmt::print("{}", tern::train_config_help(tern::terminal_columns(stdout), section));
      return 0;
    }
    if (config_path.empty()) throw tern::UsageError("CONFIG is required");
    const tern::TrainConfig config = tern::load_train_config(config_path, overrides);
    if (summary) return summarise(config);
    if (memory) return report_memory(config);
    const int launched = tern::launched_ranks();
    if (ranks > 1 && launched == 0) {
      tern::check_ranks(config.training.shards, ranks, tern::reduction_of(config));
      launch(ranks, argc, argv);
    }
    if (benchmark_steps == 0) tern::install_stop_handlers();
    return in_all_processes(config, [&](tern::ProcessGroup& group) {
      return benchmark_steps > 0 ? report_speed(config, benchmark_steps, group)
                                 : train(config, resume, forced, group);
    });
  });
}
