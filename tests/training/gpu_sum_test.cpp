#include "tern/training/gpu_sum.h"

#include <cmath>
#include <cstdlib>

#include "tern/distributed/tree_sum.h"
#include "tests/support/catch.h"
#include "tests/support/gradcheck.h"
#include "tests/support/thread_group.h"

namespace tern {
namespace {

[[maybe_unused]] const int kFourDevices = setenv("TERN_EMULATED_DEVICES", "4", 0);

// Of each rank, values whose sums are rounded.
std::vector<Tensor> tensors_of(int rank, Device device) {
  std::vector<Tensor> tensors;
  for (const std::int64_t size : {3, 300, 1, 65}) {
    const auto seed = static_cast<unsigned>(100 * rank + size);
    tensors.push_back(test::random_tensor({size}, seed, -1, 1).to(device));
  }
  return tensors;
}

std::vector<float> values_of(const std::vector<Tensor>& tensors) {
  std::vector<float> values;
  for (const Tensor& tensor : tensors) {
    const std::vector<float> more = tensor.to_vector<float>();
    values.insert(values.end(), more.begin(), more.end());
  }
  return values;
}

TEST_CASE("GPU sum: has the bits of the sum over the hosts, on every rank") {
  for (const int ranks : {2, 4}) {
    INFO(ranks << " ranks");
    std::vector<int> equal(static_cast<std::size_t>(ranks), 0);
    test::on_ranks(ranks, test::Ranks::at_once, [&](ProcessGroup& group) {
      std::vector<float> expected = values_of(tensors_of(group.rank(), Device{}));
      tree_sum(group, expected);
      const Device device{DeviceType::cuda, group.rank()};
      group.set_gpus(connect_gpus(group, device, {.timeout_seconds = 20}));
      std::vector<Tensor> tensors = tensors_of(group.rank(), device);
      sum_on_gpus(group, tensors);
      equal[static_cast<std::size_t>(group.rank())] = values_of(tensors) == expected ? 1 : 0;
    });
    CHECK(equal == std::vector<int>(static_cast<std::size_t>(ranks), 1));
  }
}

TEST_CASE("GPU sum: by NCCL it is that of any number of ranks, in an order of its own") {
  std::vector<int> close(3, 0);
  test::on_ranks(3, test::Ranks::at_once, [&](ProcessGroup& group) {
    const Device device{DeviceType::cuda, group.rank()};
    group.set_gpus(connect_gpus(group, device, {20, Reduction::nccl}));
    std::vector<Tensor> tensors = tensors_of(group.rank(), device);
    sum_on_gpus(group, tensors);
    const std::vector<float> sums = values_of(tensors), a = values_of(tensors_of(0, Device{})),
                             b = values_of(tensors_of(1, Device{})), c = values_of(tensors_of(2, Device{}));
    bool all = true;
    for (std::size_t i = 0; i < sums.size(); ++i) all &= std::abs(sums[i] - (a[i] + b[i] + c[i])) < 1e-6F;
    close[static_cast<std::size_t>(group.rank())] = all ? 1 : 0;
  });
  CHECK(close == std::vector<int>(3, 1));
}

}  // namespace
}  // namespace tern
