// What the networks keep for their backward pass, by the tape's own account.
#include "tern/core/device.h"
#include "tern/layers/autograd/tape.h"
#include "tern/layers/functions/softmax_cross_entropy.h"
#include "tern/models/initialise.h"
#include "tern/models/resnet.h"
#include "tests/models/resnets.h"
#include "tests/support/catch.h"
#include "tests/support/gradcheck.h"
#include "tests/support/precision.h"

using namespace tern;

namespace {

std::size_t total(const std::map<SavedKind, std::size_t>& bytes) {
  std::size_t sum = 0;
  for (const auto& [kind, count] : bytes) sum += count;
  return sum;
}

std::unique_ptr<Module> network_of(const ResNetConfig& config) {
  auto network = make_resnet(config);
  initialise(*network, {}, 1);
  return network;
}

// The loss of a batch that nobody but the graph holds.
Variable loss_of(Module& network, std::int64_t batch, std::int64_t size) {
  const Variable images(test::random_tensor({batch, size, size, 3}, 2));
  return softmax_cross_entropy(network.forward(images), Tensor::zeros({batch}, DType::i64), 0);
}

}  // namespace

TEST_CASE("saved memory: resnet18_bwx2 at 224x224 keeps at most 13 MB per image, in bf16 9.5 MB") {
  const ResNetConfig config = test::named_resnet("resnet18_bwx2");
  const auto network = network_of(config);
  const bool narrow = GENERATE(false, true);
  const test::Precision precision(narrow ? kernels::FloatPrecision::bf16 : kernels::FloatPrecision::fp32);
  const auto bytes = Tape::saved_bytes(loss_of(*network, 1, 224));
  const std::size_t element = narrow ? 2 : 4;
  // By hand, in pixels * channels: 56 x 56 x 64 is the input of four convolutions and the first of the next
  // stage, which has half of it, and so on.
  const std::size_t stage1 = 56 * 56 * 64, stage2 = stage1 / 2, stage3 = stage1 / 4, stage4 = stage1 / 8;
  const std::size_t inputs = 5 * stage1 + 4 * stage2 + 4 * stage3 + 3 * stage4;
  CHECK(bytes.at(SavedKind::ternary) == inputs / 4);
  CHECK(bytes.at(SavedKind::integer) == 4 * (stage1 + stage2 + stage3 + stage4) * 2);
  CHECK(bytes.at(SavedKind::input) == 224 * 224 * 3 * element);
  CHECK(total(bytes) <= (narrow ? 9500000 : 13000000));
}

TEST_CASE("saved memory: a graph holds what the tape counts and nothing else that grows with the batch") {
  for (const char* name : {"cifar_resnet20_bwx2", "cifar_resnet20"}) {
    INFO(name);
    const auto network = network_of(test::named_resnet(name));
    // Allocations are rounded to 64 bytes, which 16 images of anything are a multiple of.
    const auto measure = [&](std::int64_t batch) {
      const std::size_t before = device_memory({}).live_bytes;
      const Variable loss = loss_of(*network, batch, 32);
      return std::pair(device_memory({}).live_bytes - before, total(Tape::saved_bytes(loss)));
    };
    const auto [held, counted] = measure(16);
    const auto [held_twice, counted_twice] = measure(32);
    CHECK(held_twice - held == counted_twice - counted);
    CHECK(counted_twice == 2 * counted);
  }
}
