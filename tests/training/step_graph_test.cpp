// Steps by a recorded graph and as ever, on a GPU: the same bits. What it is given is counted on the emulated
// one alone.
#include "tern/training/step_graph.h"

#include <fmt/format.h>

#include <cstdlib>
#include <limits>

#include "tern/kernels/precision.h"
#include "tern/layers/optim/adam.h"
#include "tern/layers/optim/muon.h"
#include "tern/layers/optim/schedule.h"
#include "tern/layers/optim/sgd.h"
#include "tern/layers/state_dict.h"
#include "tern/models/initialise.h"
#include "tern/models/registry.h"
#include "tern/training/trainer.h"
#include "tern/training/weight_average.h"
#include "tests/support/catch.h"
#include "tests/support/gradcheck.h"
#include "tests/support/precision.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/thread_group.h"
#include "tests/training/small_training.h"
#ifdef TERN_EMULATED_CUDA
#include "emulation/stream.h"
#endif

namespace tern {
namespace {

using Catch::Contains;

[[maybe_unused]] const int kSomeDevices = setenv("TERN_EMULATED_DEVICES", "4", 0);  // one for each rank

constexpr Device kGpu{DeviceType::cuda, 0};
constexpr std::int64_t kSteps = 6;

#ifdef TERN_EMULATED_CUDA
constexpr bool kCounts = true;
std::int64_t work_given() {
  return emulation::work_given();
}
#else
constexpr bool kCounts = false;
std::int64_t work_given() {
  return 0;
}
#endif

bool has_gpu() {
  if (!has_backend(DeviceType::cuda)) WARN("skipped: no CUDA device");
  return has_backend(DeviceType::cuda);
}

std::unique_ptr<Module> small_network(Device device, const char* weights = "sttn") {
  auto network = parse_network_config(
                     fmt::format(R"({{"family": "resnet", "block": "sttn", "weights": "{}", "stem": "cifar",
                                      "widths": [4, 8], "depths": [1, 1], "classes": 3, "input_size": 8}})",
                                 weights))
                     .make();
  initialise(*network, {}, 1);
  network->to(device);
  network->train(true);
  return network;
}

/// Batch number `index` of a training: of `count` images.
Batch batch_of(std::int64_t index, Device device = kGpu, std::int64_t count = 2) {
  Batch batch;
  batch.images = test::random_tensor({count, 8, 8, 3}, static_cast<unsigned>(index)).to(device);
  std::vector<std::int64_t> labels;
  for (std::int64_t i = 0; i < count; ++i) labels.push_back((index + i) % 3);
  batch.labels = Tensor::from<std::int64_t>({count}, labels).to(device);
  return batch;
}

/// Every bit that a checkpoint keeps.
std::vector<char> bits_of(const Module& network, const Optimizer& optimizer) {
  std::vector<char> bits;
  const auto add = [&bits](const Tensor& tensor) {
    const Tensor host = tensor.to(Device{});
    const char* begin = static_cast<const char*>(host.raw());
    bits.insert(bits.end(), begin, begin + host.nbytes());
  };
  for (const StateEntry& entry : state_dict(network)) add(entry.tensor);
  for (const auto& [name, tensor] : optimizer.state()) add(tensor);
  return bits;
}

using MakeOptimizer = std::function<std::unique_ptr<Optimizer>(const Module&)>;

template <class O, class Config>
MakeOptimizer optimizer_of(const Config& config) {
  return [config](const Module& network) {
    return std::make_unique<O>(std::vector<ParameterGroup>{{.parameters = network.named_parameters()}},
                               config);
  };
}

struct Steps {
  std::vector<char> bits;
  std::vector<double> losses;
  std::vector<std::string> reasons;  // for which graphs were given up
  std::vector<std::int64_t> given;   // to the device, in each step
};

struct Variant {
  MakeOptimizer optimizer = optimizer_of<Adam>(AdamConfig{});
  Loss loss = cross_entropy_loss();
  double gradient_clip = 0;
  std::function<Batch(std::int64_t)> batch = [](std::int64_t i) { return batch_of(i); };
  const char* weights = "sttn";
};

/// Some steps with a learning rate that is another one in each.
Steps steps_of(const Variant& variant, bool with_graph) {
  const auto network = small_network(kGpu, variant.weights);
  const auto optimizer = variant.optimizer(*network);
  Steps steps;
  StepGraph graph(*network, [&](const std::string& reason) { steps.reasons.push_back(reason); });
  const ScheduleConfig schedule{.kind = ScheduleKind::cosine, .unit = ScheduleUnit::step};
  for (std::int64_t i = 0; i < kSteps; ++i) {
    const Batch batch = variant.batch(i);
    const double lr = learning_rate(schedule, 0.1, i, kSteps, 1);
    const std::int64_t before = work_given();
    const StepResult result = training_step(*network, *optimizer, batch, variant.loss,
                                            {lr, variant.gradient_clip}, with_graph ? &graph : nullptr);
    steps.given.push_back(work_given() - before);
    steps.losses.push_back(result.loss);
  }
  steps.bits = bits_of(*network, *optimizer);
  return steps;
}

/// That steps with and without a graph end alike; how often a graph was given up, and what the device was
/// given with it.
Steps check_equal(const Variant& variant) {
  const Steps expected = steps_of(variant, false), steps = steps_of(variant, true);
  CHECK(steps.losses == expected.losses);
  CHECK((steps.bits == expected.bits));
  return steps;
}

TEST_CASE("step graph: steps of Adam, SGD and Muon have the bits of steps without, at each learning rate") {
  if (!has_gpu()) return;
  Variant variant;
  SECTION("Adam") {}
  SECTION("AdamW, clipped") {
    variant.optimizer = optimizer_of<Adam>(AdamConfig{.weight_decay = 0.1, .decoupled_weight_decay = true});
    variant.gradient_clip = 0.5;
  }
  SECTION("SGD") {
    variant.optimizer = optimizer_of<Sgd>(SgdConfig{});
  }
  SECTION("SGD with momentum") {
    variant.optimizer = optimizer_of<Sgd>(SgdConfig{.momentum = 0.9, .nesterov = true});
  }
  SECTION("Muon") {
    variant.optimizer = optimizer_of<Muon>(MuonConfig{});
  }
  const Steps steps = check_equal(variant);
  CHECK(steps.reasons.empty());
  if (kCounts) CHECK(steps.given[0] > steps.given[kSteps - 1]);
}

TEST_CASE("step graph: so do those of other weights, and in bf16") {
  if (!has_gpu()) return;
  const auto precision = GENERATE(kernels::FloatPrecision::fp32, kernels::FloatPrecision::bf16);
  const test::Precision mode(precision);
  for (const char* weights : {"sttn", "threshold", "lsq", "full_precision"}) {
    INFO(weights);
    CHECK(check_equal({.weights = weights}).reasons.empty());
  }
}

TEST_CASE("step graph: so do those that learn from a teacher") {
  if (!has_gpu()) return;
  const auto teacher = small_network(kGpu);
  teacher->train(false);
  const Variant variant{.loss = mixed_loss(0.5F, teacher_loss(*teacher, 2), cross_entropy_loss(0.1F))};
  CHECK(check_equal(variant).reasons.empty());
}

TEST_CASE("step graph: batches of another shape, and of mixed images, are computed as ever") {
  if (!has_gpu()) return;
  const auto mixed = [](std::int64_t i) {
    Batch batch = batch_of(i);
    batch.partner_labels = batch_of(i + 1).labels;
    batch.label_share = 1 / static_cast<float>(i);
    return batch;
  };
  const auto is_other = [](std::int64_t i) { return i == 2 || i == 4; };
  Variant variant;
  SECTION("of another shape") {
    variant.batch = [&](std::int64_t i) { return batch_of(i, kGpu, is_other(i) ? 1 : 2); };
  }
  SECTION("of mixed images") {
    variant.batch = [&](std::int64_t i) { return is_other(i) ? mixed(i) : batch_of(i); };
  }
  const Steps steps = check_equal(variant);
  CHECK(steps.reasons.empty());
  for (std::int64_t i = 1; i < kSteps && kCounts; ++i) {
    INFO("step " << i);
    CHECK((steps.given[i] > steps.given[1] + 20) == is_other(i));
  }
}

/// Has the host look at what the network was given.
class Looks final : public Module {
 public:
  explicit Looks(std::unique_ptr<Module> network) { network_ = &add_module("network", std::move(network)); }
  Variable forward(const Variable& x) override {
    const Variable y = network_->forward(x);
    seen = x.value().to_vector<float>().front();
    return y;
  }
  float seen = 0;

 private:
  Module* network_;
};

TEST_CASE("step graph: a wait in the network is found, said once, and steps go on as ever") {
  if (!has_gpu()) return;
  const auto bits_after = [](bool with_graph) {
    Looks network(small_network(kGpu));
    Adam optimizer(network.named_parameters(), {});
    std::vector<std::string> reasons;
    StepGraph graph(network, [&](const std::string& reason) { reasons.push_back(reason); });
    for (std::int64_t i = 0; i < kSteps; ++i) {
      training_step(network, optimizer, batch_of(i), cross_entropy_loss(), {0.1},
                    with_graph ? &graph : nullptr);
    }
    if (with_graph) {
      REQUIRE(reasons.size() == 1);
      CHECK_THAT(reasons.front(), Contains("cudaErrorStreamCaptureUnsupported"));
    }
    return bits_of(network, optimizer);
  };
  CHECK((bits_after(true) == bits_after(false)));
}

TEST_CASE(
    "step graph: what is not finite, and a label that is no class, stop a step before any weight changes") {
  if (!has_gpu()) return;
  const auto network = small_network(kGpu);
  Adam optimizer(network->named_parameters(), {});
  StepGraph graph(*network, [](const std::string& reason) { FAIL(reason); });
  const auto step = [&](const Batch& batch) {
    training_step(*network, optimizer, batch, cross_entropy_loss(), {0.1}, &graph);
  };
  for (std::int64_t i = 0; i < 3; ++i) step(batch_of(i));
  const auto weights = [&] { return network->named_parameters().front().second.value().to_vector<float>(); };
  const std::vector<float> before = weights();
  Batch bad_label = batch_of(3);
  bad_label.labels = Tensor::from<std::int64_t>({2}, {0, 3}).to(kGpu);
  CHECK_THROWS_WITH(step(bad_label),
                    "softmax_cross_entropy: a label is not in [0, 3), the classes of the logits");
  Batch bad_image = batch_of(3);
  bad_image.images = Tensor::full({2, 8, 8, 3}, std::numeric_limits<float>::quiet_NaN()).to(kGpu);
  CHECK_THROWS_AS(step(bad_image), NumericError);
  CHECK(weights() == before);
  CHECK_NOTHROW(step(batch_of(3)));
}

#ifdef TERN_EMULATED_CUDA
// What docs/kernels.md says.
TEST_CASE(
    "step graph: how many things a step of cifar_resnet20_bwx2 gives the GPU, with a graph and without") {
  const auto given_in_third_step = [](bool with_graph) {
    const auto network = parse_network_config(R"({"name": "cifar_resnet20_bwx2", "input_size": 8})").make();
    initialise(*network, {}, 1);
    network->to(kGpu);
    Adam optimizer(network->named_parameters(), {});
    StepGraph graph(*network, [](const std::string& reason) { FAIL(reason); });
    std::int64_t given = 0;
    for (std::int64_t i = 0; i < 3; ++i) {
      const Batch batch = batch_of(i);
      const std::int64_t before = work_given();
      training_step(*network, optimizer, batch, cross_entropy_loss(), {0.1}, with_graph ? &graph : nullptr);
      given = work_given() - before;
    }
    return given;
  };
  CHECK(given_in_third_step(false) == 363);
  CHECK(given_in_third_step(true) == 9);
}

TEST_CASE("step graph: a moving average of cifar_resnet20_bwx2 gives the GPU two things a step") {
  const auto network = parse_network_config(R"({"name": "cifar_resnet20_bwx2", "input_size": 8})").make();
  network->to(kGpu);
  WeightAverage average(*network, 0.9);
  const std::int64_t before = work_given();
  average.update(1);
  CHECK(work_given() - before == 2);
}

TEST_CASE("step graph: waits for the GPU once a step") {
  const auto network = small_network(kGpu);
  Adam optimizer(network->named_parameters(), {});
  StepGraph graph(*network, [](const std::string& reason) { FAIL(reason); });
  for (std::int64_t i = 0; i < 4; ++i) {
    const Batch batch = batch_of(i);
    const std::int64_t before = emulation::host_waits();
    training_step(*network, optimizer, batch, cross_entropy_loss(), {0.1, 1.0}, &graph);
    INFO("step " << i);
    CHECK(emulation::host_waits() - before == 1);
  }
}

#endif

/// A training on the GPU, in steps of ten images; as SmallTraining.
struct GpuTraining {
  test::TwoColours dataset;
  Loader training = test::colour_loader(dataset, true, kGpu),
         validation = test::colour_loader(dataset, false, kGpu);
  std::unique_ptr<Module> network = [] {
    auto made = parse_network_config(R"({"family": "resnet", "block": "sttn", "stem": "cifar", "widths": [4],
                                         "depths": [1], "classes": 2, "input_size": 4})")
                    .make();
    initialise(*made, {}, 1);
    made->to(kGpu);
    return made;
  }();
  Adam optimizer{network->named_parameters(), {}};
};

/// Three epochs, or until `stop_at` steps are done, in the folder `path`.
std::vector<char> train(const std::string& path, RunStart start, bool with_graph, std::int64_t stop_at) {
  GpuTraining run;
  RunFolder folder(path, start);
  std::optional<Trainer> trainer;
  trainer.emplace(TrainerParts{.network = *run.network,
                               .optimizer = run.optimizer,
                               .training = run.training,
                               .validation = run.validation,
                               .folder = &folder,
                               .stop = [&] { return trainer->progress().step == stop_at; }},
                  TrainerOptions{.epochs = 3,
                                 .lr = 0.1,
                                 .schedule = {.kind = ScheduleKind::cosine, .unit = ScheduleUnit::step},
                                 .ema_decay = 0.9,
                                 .cuda_graph = with_graph,
                                 .log_every_steps = 1});
  trainer->run();
  return bits_of(*run.network, run.optimizer);
}

TEST_CASE("step graph: a trainer with it ends with the bits of one without, stopped and resumed or not") {
  if (!has_gpu()) return;
  constexpr std::int64_t kNever = 100;
  const test::TemporaryDirectory directory;
  const std::vector<char> expected = train(directory / "without", RunStart::anew, false, kNever);
  CHECK((train(directory / "with", RunStart::anew, true, kNever) == expected));
  for (const std::int64_t stop_at : {2, 7}) {
    const std::string path = directory / std::to_string(stop_at);
    train(path, RunStart::anew, true, stop_at);
    CHECK((train(path, RunStart::resume, true, kNever) == expected));
  }
}

#ifdef TERN_EMULATED_CUDA
// Ranks are threads here, each with a GPU of its own.
TEST_CASE(
    "step graph: of several processes, each records its shard, and shards of one process are computed as "
    "ever") {
  const auto on_several = [](int ranks, std::int64_t shards, bool with_graph) {
    std::vector<std::vector<char>> bits(static_cast<std::size_t>(ranks));
    std::vector<std::int64_t> given(static_cast<std::size_t>(ranks));
    test::on_ranks(ranks, test::Ranks::in_turns, [&](ProcessGroup& group) {
      const Device device{DeviceType::cuda, group.rank()};
      const auto network = small_network(device);
      Adam optimizer(network->named_parameters(), {});
      StepGraph graph(*network, [](const std::string&) { std::abort(); });
      std::int64_t next = group.rank() * shards / ranks;
      ShardedStep step(
          *network, optimizer, shards, group, [&] { return batch_of(next++, device); },
          BatchNormStatistics::shard, with_graph ? &graph : nullptr);
      for (std::int64_t i = 0; i < kSteps; ++i) {
        const std::int64_t before = work_given();
        step.run(cross_entropy_loss(), {0.1 / static_cast<double>(i + 1), 1.0});
        given[static_cast<std::size_t>(group.rank())] = work_given() - before;
      }
      bits[static_cast<std::size_t>(group.rank())] = bits_of(*network, optimizer);
    });
    return std::pair(bits, given);
  };
  const auto without = on_several(2, 2, false), with = on_several(2, 2, true);
  CHECK((with.first == without.first));
  for (int rank = 0; rank < 2; ++rank) CHECK(with.second[rank] < without.second[rank] - 20);
  CHECK((on_several(1, 2, true) == on_several(1, 2, false)));
}

#endif

}  // namespace
}  // namespace tern
