// What a training step moves, kernel by kernel, beside the table of docs/kernels.md.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "emulation/traffic.h"
#include "tern/kernels/cast.h"
#include "tern/layers/optim/adam.h"
#include "tern/models/initialise.h"
#include "tern/models/registry.h"
#include "tern/training/training_step.h"
#include "tests/support/catch.h"
#include "tests/support/gradcheck.h"
#include "tests/support/precision.h"

namespace tern::emulation {
namespace {

constexpr Device kDevice{DeviceType::cuda, 0};
// What the table is of, and what the emulator computes.
constexpr std::int64_t kBatch = 256, kSide = 224;
constexpr std::int64_t kImages = 2, kSmallSide = 32;
constexpr double kLeastShown = 0.1;  // MB of an operation
constexpr double kMost = 90;         // MB of all: what the fused design is to reach

/// A step of resnet18_bwx2 with bf16 activations and Adam.
TrafficTable step_of(std::int64_t size) {
  const test::Precision precision(kernels::FloatPrecision::bf16);
  const auto network =
      parse_network_config(fmt::format(R"({{"name": "resnet18_bwx2", "input_size": {}}})", size)).make();
  initialise(*network, {}, 1);
  network->to(kDevice);
  Adam optimizer(network->named_parameters(), {});
  Batch batch;
  batch.images =  // as a Loader gives them
      kernels::cast(test::random_tensor({kImages, size, size, 3}, 2).to(kDevice),
                    kernels::activation_dtype());
  batch.labels = Tensor::zeros({kImages}, DType::i64).to(kDevice);
  const TrafficCount count;
  training_step(*network, optimizer, batch, cross_entropy_loss(), {0.01, 0});
  return count.table();
}

/// MB of an image in a batch of kBatch.
struct PerImage {
  double loaded = 0, stored = 0;

  PerImage& operator+=(const PerImage& other) {
    loaded += other.loaded;
    stored += other.stored;
    return *this;
  }
};

/// A step's bytes are those of its weights and their update, and others that grow with the pixels of its
/// images (but for a few kilobytes of logits). Two steps tell them apart.
struct Steps {
  TrafficTable small = step_of(kSmallSide), larger = step_of(2 * kSmallSide);

  PerImage of(const Mover& mover) const {
    return {megabytes(mover, &Traffic::loaded), megabytes(mover, &Traffic::stored)};
  }

 private:
  double megabytes(const Mover& mover, std::int64_t Traffic::*bytes) const {
    const auto of_small = static_cast<double>(small.at(mover).*bytes);
    const auto of_larger = static_cast<double>(larger.at(mover).*bytes);
    const double small_image =
        (of_larger - of_small) / (3 * kImages);  // a larger one has four times the pixels
    const double step = of_small - kImages * small_image;
    constexpr double kSmallImages = static_cast<double>(kSide * kSide) / (kSmallSide * kSmallSide);
    return (kSmallImages * small_image + step / kBatch) / 1e6;
  }
};

std::string row(const std::string& name, const PerImage& moved) {
  return fmt::format("| {} | {:.2f} | {:.2f} | {:.2f} |", name, moved.loaded, moved.stored,
                     moved.loaded + moved.stored);
}

std::string document() {
  std::ifstream file(TERN_DOCS "/kernels.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("traffic: a training step of resnet18_bwx2 in bf16 moves what docs/kernels.md says") {
  const Steps steps;
  REQUIRE(steps.small.size() == steps.larger.size());
  std::map<std::string, PerImage> operations;
  PerImage all;
  std::puts("| operation: kernel | loaded, MB | stored, MB | both, MB |");
  for (const auto& [mover, traffic] : steps.small) {
    INFO(mover.operation << ": " << mover.kernel);
    CHECK(traffic.bytes() > 0);  // or the kernel is not among those whose accesses are seen
    const PerImage moved = steps.of(mover);
    std::puts(row(fmt::format("{}: {}", mover.operation, mover.kernel), moved).c_str());
    operations[mover.operation.empty() ? "copies and fills" : mover.operation] += moved;
    all += moved;
  }
  operations["all"] = all;
  CHECK(all.loaded + all.stored <= kMost);
  const std::string documented = document();
  for (const auto& [operation, moved] : operations) {
    if (moved.loaded + moved.stored < kLeastShown) continue;
    INFO("docs/kernels.md has no row " << row(operation, moved));
    CHECK(documented.find(row(operation, moved)) != std::string::npos);
  }
}

}  // namespace tern::emulation
