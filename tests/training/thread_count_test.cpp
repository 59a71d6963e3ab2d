// The bits of a training do not depend on the number of threads.
#include "tests/support/thread_count.h"

#include "tern/layers/optim/adam.h"
#include "tern/layers/state_dict.h"
#include "tern/models/initialise.h"
#include "tern/models/registry.h"
#include "tern/training/training_step.h"
#include "tests/support/catch.h"
#include "tests/support/gradcheck.h"
#include "tests/support/precision.h"

namespace tern {
namespace {

constexpr std::int64_t kBatch = 20, kClasses = 10;

// All that a few steps have changed.
std::vector<std::vector<float>> trained(const std::string& network_json, int threads) {
  const test::ThreadCount scope(threads);
  NetworkDefaults defaults;
  defaults.classes = kClasses;
  defaults.input_size = Shape{16, 16};
  const NetworkConfig config = parse_network_config(network_json, defaults);
  const auto network = config.make();
  initialise(*network, {}, 3);
  Adam adam(network->named_parameters(), {});
  std::vector<std::int64_t> labels;
  for (std::int64_t i = 0; i < kBatch; ++i) labels.push_back(i % kClasses);
  Batch batch;
  batch.labels = Tensor::from({kBatch}, labels);
  for (unsigned step = 0; step < 2; ++step) {
    batch.images = test::random_tensor({kBatch, config.image[0], config.image[1], 3}, step, -2, 2);
    training_step(*network, adam, batch, cross_entropy_loss(), {0.01, 1.0});
  }
  std::vector<std::vector<float>> values;
  for (const StateEntry& entry : state_dict(*network)) {
    if (entry.tensor.dtype() == DType::f32) values.push_back(entry.tensor.to_vector<float>());
  }
  return values;
}

TEST_CASE("training: weights and running statistics are the same for 1, 2, 3, 4 and 7 threads") {
  const std::string json = GENERATE(
      R"("cifar_resnet20_bwx2")",
      R"({"family": "resnet", "block": "sttn", "stem": "cifar", "widths": [16, 32, 64], "depths": [1, 1, 1]})");
  const auto precision = GENERATE(kernels::FloatPrecision::fp32, kernels::FloatPrecision::bf16);
  INFO(json << (precision == kernels::FloatPrecision::bf16 ? " in bf16" : " in fp32"));
  const test::Precision scope(precision);
  const auto alone = trained(json, 1);
  for (const int threads : {2, 3, 4, 7}) {
    INFO(threads << " threads");
    CHECK((trained(json, threads) == alone));
  }
}

}  // namespace
}  // namespace tern
