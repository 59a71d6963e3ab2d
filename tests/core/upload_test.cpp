#include "tern/core/upload.h"

#include <memory>
#include <numeric>

#include "tests/support/catch.h"
#include "tests/support/devices.h"

namespace tern {
namespace {

Tensor staged_numbers(std::int64_t count, float first, Device device) {
  Tensor staged = staging_tensor({count}, DType::f32, device);
  std::iota(staged.data<float>(), staged.data<float>() + count, first);
  return staged;
}

TEST_CASE("upload: the elements arrive on the device") {
  const Device device = test::each_device();
  Tensor staged = staged_numbers(1000, 3, device);
  const std::vector<float> expected = staged.to_vector<float>();
  Upload upload(std::move(staged), device);
  const Tensor arrived = upload.finish();
  CHECK(arrived.device() == device);
  CHECK(arrived.to_vector<float>() == expected);
}

TEST_CASE("upload: several are under way at a time") {
  const Device device = test::each_device();
  std::vector<std::unique_ptr<Upload>> uploads;
  for (const float first : {0.0F, 10.0F, 20.0F}) {
    uploads.push_back(std::make_unique<Upload>(staged_numbers(2, first, device), device));
  }
  for (const float first : {0.0F, 10.0F, 20.0F}) {
    CHECK(uploads[static_cast<std::size_t>(first / 10)]->finish().to_vector<float>() ==
          std::vector<float>{first, first + 1});
  }
}

TEST_CASE("upload: an abandoned one leaves its memory behind in order") {
  const Device device = test::each_device();
  const std::size_t live = device_memory(device).live_bytes;
  { const Upload abandoned(staged_numbers(1000, 0, device), device); }
  CHECK(device_memory(device).live_bytes == live);
  CHECK(Tensor::zeros({1000}, DType::f32, device).to_vector<float>() == std::vector<float>(1000));
}

TEST_CASE("upload: tensors of no elements") {
  const Device device = test::each_device();
  Upload upload(staging_tensor({0, 3}, DType::i64, device), device);
  CHECK(upload.finish().shape() == Shape{0, 3});
}

}  // namespace
}  // namespace tern
