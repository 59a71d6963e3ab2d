#include "tern/core/tensor.h"

#include "tern/core/device.h"
#include "tern/core/error.h"
#include "tests/support/catch.h"

using tern::DType;
using tern::Shape;
using tern::ShapeError;
using tern::Tensor;

TEST_CASE("tensor: copies share storage, clones do not") {
  Tensor a = Tensor::from<float>({2, 2}, {1, 2, 3, 4});
  Tensor shared = a;
  Tensor copy = a.clone();
  a.data<float>()[0] = 9;
  CHECK(shared.to_vector<float>() == std::vector<float>{9, 2, 3, 4});
  CHECK(copy.to_vector<float>() == std::vector<float>{1, 2, 3, 4});
  CHECK(shared.shares_storage_with(a));
  CHECK(copy.unique());
}

TEST_CASE("tensor: storage is aligned to 64 bytes") {
  for (const std::int64_t size : {0, 1, 3, 1000}) {
    const Tensor t = Tensor::empty({size}, DType::u8);
    CHECK(reinterpret_cast<std::uintptr_t>(t.raw()) % 64 == 0);
  }
}

TEST_CASE("tensor: reshape keeps storage and refuses another size") {
  Tensor a = Tensor::zeros({2, 6});
  CHECK(a.reshape({3, 4}).shares_storage_with(a));
  CHECK_THROWS_AS(a.reshape({5}), ShapeError);
}

TEST_CASE("tensor: element access checks the dtype and that there is storage") {
  Tensor a = Tensor::zeros({2}, DType::i32);
  CHECK_THROWS_WITH(a.data<float>(), Catch::Contains("i32"));
  CHECK_THROWS_AS(Tensor().data<float>(), ShapeError);
  CHECK_THROWS_AS(Tensor::from<float>({3}, {1, 2}), ShapeError);
}

TEST_CASE("tensor: a device that is not there is refused by name") {
  CHECK_THROWS_WITH(Tensor::empty({1}, DType::f32, {tern::DeviceType::cuda, 64}), Catch::Contains("cuda"));
}

TEST_CASE("tensor: live memory is counted and returns to where it was") {
  const auto before = tern::device_memory({}).live_bytes;
  {
    const Tensor t = Tensor::empty({1024});
    CHECK(tern::device_memory({}).live_bytes == before + 4096);
  }
  CHECK(tern::device_memory({}).live_bytes == before);
}
