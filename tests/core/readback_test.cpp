#include "tern/core/readback.h"

#include "tests/support/catch.h"
#include "tests/support/devices.h"

namespace tern {
namespace {

TEST_CASE("to_host: several tensors come with their elements, shapes and types") {
  const Device device = test::each_device();
  const Tensor floats = Tensor::from<float>({2, 2}, {1, 2, 3, 4}).to(device);
  const Tensor words = Tensor::from<std::int64_t>({1}, {-5}).to(device);
  const Tensor on_cpu = Tensor::full({1}, 7);
  const std::vector<Tensor> host = to_host({floats, Tensor(), words, on_cpu});
  REQUIRE(host.size() == 4);
  CHECK(host[0].device() == Device{});
  CHECK(host[0].shape() == Shape{2, 2});
  CHECK(host[0].to_vector<float>() == std::vector<float>{1, 2, 3, 4});
  CHECK_FALSE(host[1].defined());
  CHECK(host[2].to_vector<std::int64_t>() == std::vector<std::int64_t>{-5});
  CHECK(host[3].shares_storage_with(on_cpu));
}

}  // namespace
}  // namespace tern
