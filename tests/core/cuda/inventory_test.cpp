#include "tern/core/cuda/inventory.h"

#include "tests/support/catch.h"

namespace tern::cuda {
namespace {

using Catch::Contains;

// As in the toolkit's driver_types.h.
constexpr int kInsufficientDriver = 35, kNoDevice = 100, kInitialisationError = 3;

TEST_CASE("inventory: each reason for having no GPU is told apart, with what to do") {
  CHECK_THAT(explain_missing(kInsufficientDriver, 0, 13000, nullptr),
             Contains("no NVIDIA driver") && Contains("nvidia-smi"));
  CHECK_THAT(explain_missing(kInsufficientDriver, 12040, 13000, nullptr),
             Contains("up to 12.4") && Contains("needs 13.0") && Contains("update the driver"));
  CHECK_THAT(explain_missing(kNoDevice, 13000, 13000, nullptr),
             Contains("finds no GPU") && Contains("--gpus all"));
  CHECK_THAT(explain_missing(kNoDevice, 13000, 13000, ""),
             Contains("CUDA_VISIBLE_DEVICES is \"\"") && Contains("unset"));
  CHECK_THAT(explain_missing(kInitialisationError, 13000, 13000, nullptr), Contains("CUDA does not start"));
}

TEST_CASE("inventory: there are devices or a reason why not") {
  CHECK(inventory().devices.empty() != inventory().missing.empty());
}

}  // namespace
}  // namespace tern::cuda
