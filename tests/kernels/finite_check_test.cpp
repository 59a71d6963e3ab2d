#include "tern/kernels/finite_check.h"

#include <limits>

#include "tern/core/error.h"
#include "tern/kernels/batch_norm_terms.h"
#include "tests/support/batch_norm_terms.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/devices.h"
#include "tests/support/gradcheck.h"

using namespace tern;
using kernels::DeferredFiniteCheck;
using kernels::FiniteCheck;

namespace {

Tensor spoilt(Device device) {
  return Tensor::full({4, 3}, std::numeric_limits<float>::quiet_NaN()).to(device);
}

// An operation that meets a NaN, or does not.
void operation(Device device, const std::string& message, bool finite) {
  FiniteCheck check(device, message);
  if (!finite) {
    const Tensor one = Tensor::from<std::int32_t>({1}, {1});
    backend_of(device.type).copy_from_host(check.flag(), one.raw(), one.nbytes(), device.index);
  }
  check.throw_or_defer();
}

}  // namespace

TEST_CASE("finite_check: without a deferred check, or on the CPU, an operation throws its error itself") {
  const Device device = test::each_device();
  CHECK_NOTHROW(operation(device, "good", true));
  CHECK_THROWS_WITH(operation(device, "bad", false), "bad");
  DeferredFiniteCheck watch;
  CHECK_THROWS_WITH(operation(Device{}, "bad", false), "bad");
  CHECK_NOTHROW(watch.check());
}

TEST_CASE(
    "finite_check: a deferred check throws the error of the first operation that met a NaN, and then starts "
    "anew") {
  const Device device = test::each_device();
  if (device.type == DeviceType::cpu) return;
  DeferredFiniteCheck watch;
  operation(device, "good", true);
  operation(device, "first", false);
  operation(device, "second", false);
  CHECK_THROWS_AS(watch.check(), NumericError);
  CHECK_NOTHROW(watch.check());
  operation(device, "good again", true);
  CHECK_NOTHROW(watch.check());
  operation(device, "third", false);
  CHECK_THROWS_WITH(watch.check(), "third");
}

TEST_CASE("finite_check: the innermost deferred check counts") {
  const Device device = test::each_device();
  if (device.type == DeviceType::cpu) return;
  DeferredFiniteCheck outer;
  {
    DeferredFiniteCheck inner;
    operation(device, "inner", false);
    CHECK_NOTHROW(outer.check());
    CHECK_THROWS_WITH(inner.check(), "inner");
  }
  operation(device, "outer", false);
  CHECK_THROWS_WITH(outer.check(), "outer");
}

TEST_CASE("finite_check: a deferred check takes any number of operations") {
  const Device device = test::each_device();
  if (device.type == DeviceType::cpu) return;
  DeferredFiniteCheck watch;
  for (int i = 0; i < 3000; ++i) operation(device, "operation " + std::to_string(i), i != 2500);
  CHECK_THROWS_WITH(watch.check(), "operation 2500");
  operation(device, "early", false);
  const auto fill = [&] {
    for (int i = 0; i < 1024; ++i) operation(device, "later", true);
  };
  CHECK_THROWS_WITH(fill(), "early");
}

TEST_CASE(
    "finite_check: under a deferred check a batch norm goes on, and leaves the running statistics alone") {
  const Device device = test::each_device();
  if (device.type == DeviceType::cpu) return;
  const kernels::BatchNormTerms terms = test::to(test::random_terms(3, 1), device);
  const kernels::BatchNormInput input{terms.gamma, terms.beta, Tensor(), Tensor()};
  kernels::RunningStatistics running{Tensor::full({3}, 0.5F).to(device), Tensor::full({3}, 2.0F).to(device)};
  DeferredFiniteCheck watch;
  const Tensor x = spoilt(device);
  const auto trained = kernels::update_statistics_and_compute_terms(kernels::channel_statistics(x), x.dim(0),
                                                                    input, running, "bn1");
  kernels::batch_norm(x, trained, "bn2");
  CHECK_THROWS_WITH(watch.check(), "bn1: mean or variance of the batch is NaN or infinite");
  CHECK(test::difference(running.mean, {0.5, 0.5, 0.5}, 0.0) == "");
  CHECK(test::difference(running.variance, {2, 2, 2}, 0.0) == "");
  kernels::batch_norm(x, terms, "bn3");
  CHECK_THROWS_WITH(watch.check(), "bn3: the normalised activations hold NaN or infinity");
}
