// Groups of GPUs over the emulated NCCL; the ranks are threads.
#include <cstdlib>
#include <filesystem>
#include <limits>

#include "emulation/devices.h"
#include "tern/core/cuda/event.h"
#include "tern/core/cuda/runtime.h"
#include "tern/core/readback.h"
#include "tern/core/upload.h"
#include "tern/distributed/cuda/nccl.h"
#include "tern/distributed/gpu_group.h"
#include "tests/support/catch.h"
#include "tests/support/thread_group.h"

namespace tern {
namespace {

using Catch::Contains;

[[maybe_unused]] const int kFourDevices = setenv("TERN_EMULATED_DEVICES", "4", 0);

constexpr double kSoon = 0.3, kEnough = 20;

Tensor on_gpu(int index, std::size_t size, float value) {
  return Tensor::full({static_cast<std::int64_t>(size)}, value).to({DeviceType::cuda, index});
}
float* address(Tensor& tensor) {
  return static_cast<float*>(tensor.raw());
}

// The message of what `body` throws on each rank; "" where it throws nothing.
std::vector<std::string> failures(int ranks, double timeout,
                                  const std::function<void(ProcessGroup&, GpuGroup&)>& body) {
  std::vector<std::string> messages(static_cast<std::size_t>(ranks));
  test::on_ranks(ranks, test::Ranks::at_once, [&](ProcessGroup& group) {
    try {
      group.set_place("epoch 1, step 7");
      const auto gpus = connect_gpus(group, {DeviceType::cuda, group.rank()}, {timeout});
      body(group, *gpus);
    } catch (const Error& error) {
      messages[static_cast<std::size_t>(group.rank())] = error.what();
    }
  });
  return messages;
}

TEST_CASE("GPU group: what a rank sends is in the memory of its peer's GPU, in pieces of any length") {
  constexpr std::size_t kLong = 70'000, kShort = 3;  // longer than what travels at a time
  std::vector<std::vector<float>> received(4);
  const auto messages = failures(4, kEnough, [&](ProcessGroup& group, GpuGroup& gpus) {
    const int rank = group.rank(), peer = rank ^ 2;
    const std::size_t sent = rank < 2 ? kLong : kShort, arriving = rank < 2 ? kShort : kLong;
    Tensor from = on_gpu(rank, sent, static_cast<float>(rank)), to = on_gpu(rank, arriving, -1);
    gpus.exchange(peer, address(from), sent, address(to), arriving);
    received[static_cast<std::size_t>(rank)] = to.to_vector<float>();
  });
  CHECK(messages == std::vector<std::string>(4));
  CHECK((received[0] == std::vector<float>(kShort, 2)));
  CHECK((received[1] == std::vector<float>(kShort, 3)));
  CHECK((received[2] == std::vector<float>(kLong, 0)));
  CHECK((received[3] == std::vector<float>(kLong, 1)));
}

TEST_CASE("GPU group: a rank that does not answer is named, with the step, after the timeout") {
  const auto messages = failures(2, kSoon, [](ProcessGroup& group, GpuGroup& gpus) {
    Tensor from = on_gpu(0, 8, 1), to = on_gpu(0, 8, 0);
    if (group.rank() == 0) gpus.exchange(1, address(from), 8, address(to), 8);
  });
  CHECK(messages[0] ==
        "epoch 1, step 7: rank 1 on host1 has not answered for 0.3 s (distributed.timeout): it, or a rank "
        "that it waits for, is stuck, stopped or gone");
  CHECK(messages[1].empty());
}

TEST_CASE("GPU group: a sum in NCCL's order, of three ranks, without one of them it ends after the timeout") {
  std::vector<std::vector<float>> sums(3);
  const auto messages = failures(3, kSoon, [&](ProcessGroup& group, GpuGroup& gpus) {
    const auto rank = static_cast<std::size_t>(group.rank());
    Tensor values = on_gpu(group.rank(), 20'000, static_cast<float>(group.rank() + 1));
    gpus.all_reduce(address(values), 20'000);
    sums[rank] = values.to_vector<float>();
    if (rank > 0) gpus.all_reduce(address(values), 20'000);
  });
  for (const auto& sum : sums) CHECK((sum == std::vector<float>(20'000, 6)));
  CHECK(messages[0].empty());
  for (const std::size_t rank : {1, 2}) {
    CHECK_THAT(messages[rank], Contains("epoch 1, step 7: the ranks have not added up their gradients within "
                                        "0.3 s (distributed.timeout)"));
  }
}

TEST_CASE("GPU group: an error that NCCL finds while it works is one here, with the step") {
  setenv("TERN_EMULATED_NCCL_FAULT", "1:2", 1);
  const auto messages = failures(2, kSoon, [](ProcessGroup& group, GpuGroup& gpus) {
    const int rank = group.rank();
    Tensor from = on_gpu(rank, 8, 1), to = on_gpu(rank, 8, 0);
    for (int i = 0; i < 2; ++i) gpus.exchange(rank ^ 1, address(from), 8, address(to), 8);
  });
  unsetenv("TERN_EMULATED_NCCL_FAULT");
  CHECK_THAT(messages[0], Contains("rank 1 on host1 has not answered"));
  CHECK(messages[1] == "epoch 1, step 7: NCCL: remote process exited or there was a network error");
}

TEST_CASE("GPU group: memory of the host or of another GPU is refused") {
  const int device = GENERATE(-1, 1);
  const auto messages = failures(1, kSoon, [device](ProcessGroup&, GpuGroup& gpus) {
    Tensor to = on_gpu(0, 8, 0);
    Tensor from = device < 0 ? Tensor::full({8}, 0) : on_gpu(device, 8, 1);
    gpus.exchange(0, address(from), 8, address(to), 8);
  });
  CHECK(messages[0] == "epoch 1, step 7: ncclSend: invalid argument");
}

// Those of MPI and of others apart.
std::size_t files_in_shared_memory() {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/dev/shm")) {
    files += entry.path().string().find("nccl") != std::string::npos ? 1 : 0;
  }
  return files;
}

TEST_CASE("GPU group: a rank that is not there is missed when the GPUs are connected, and nothing is left") {
  const std::size_t files_before = files_in_shared_memory();
  std::string message;
  test::on_ranks(2, test::Ranks::at_once, [&](ProcessGroup& group) {
    if (group.rank() == 1) {  // as connect_gpus() begins, and no further
      std::int64_t none = 0;
      group.exchange(0, &none, &none, sizeof none);
      nccl::UniqueId id;
      group.broadcast(&id, sizeof id);
      return;
    }
    try {
      connect_gpus(group, {DeviceType::cuda, 0}, {kSoon});
    } catch (const DistributedError& error) {
      message = error.what();
    }
  });
  CHECK_THAT(message, Contains("have not found each other by NCCL within 0.3 s"));
  CHECK(files_in_shared_memory() == files_before);
}

TEST_CASE("emulated NCCL: nothing is there before somebody waits for the stream") {
  const nccl::Functions& nccl = nccl::functions();
  nccl::UniqueId id;
  nccl.get_unique_id(&id);
  nccl::Communicator communicator = nullptr;
  nccl::Config config;
  config.blocking = 0;
  cuda::set_device(0);
  nccl.comm_init_rank_config(&communicator, 1, id, 0, &config);
  Tensor from = on_gpu(0, 8, 1), to = on_gpu(0, 8, 0);
  nccl.group_start();
  nccl.send(from.raw(), 8, nccl::DataType::float32, 0, communicator, cuda::stream());
  nccl.recv(to.raw(), 8, nccl::DataType::float32, 0, communicator, cuda::stream());
  nccl.group_end();
  CHECK(*address(to) == 0);
  TERN_CUDA_CHECK(cudaStreamSynchronize(cuda::stream()));
  CHECK(*address(to) == 1);
  nccl.comm_destroy(communicator);
}

}  // namespace
}  // namespace tern
