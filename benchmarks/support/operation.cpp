#include "tern/benchmarks/support/operation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "tests/support/compare.h"

namespace tern::bench {
namespace {

struct Slots {
  Operation operation;
  std::array<Tensors, kSlots> inputs;
  std::array<Tensors, kSlots> results;
};

double bytes_of(const Tensors& tensors) {
  double bytes = 0;
  for (const Tensor& tensor : tensors) bytes += static_cast<double>(tensor.nbytes());
  return bytes;
}

Tensors copies(const Tensors& tensors, Device device) {
  Tensors result;
  for (const Tensor& tensor : tensors) result.push_back(tensor.clone().to(device));
  return result;
}

double tolerance(const Tensor& result, const Values& expected) {
  const bool is_bf16 = result.dtype() == DType::bf16;
  if (result.dtype() != DType::f32 && !is_bf16) return 0;
  double largest = 0;
  for (const double value : expected) largest = std::max(largest, std::abs(value));
  return (is_bf16 ? 1.0 / 128 : 1e-4) * largest;
}

}  // namespace

std::string difference(const Tensors& results, const std::vector<Values>& expected) {
  if (results.size() != expected.size()) {
    return std::to_string(results.size()) + " results, expected " + std::to_string(expected.size());
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Tensor& result = results[i];
    const std::string text = test::difference(result, expected[i], tolerance(result, expected[i]));
    if (!text.empty()) return "result " + std::to_string(i) + ": " + text;
  }
  return {};
}

Implementation implementation(const std::string& name, Peak peak, Operation operation, Device device) {
  const auto slots = std::make_shared<Slots>();
  slots->operation = std::move(operation);
  const auto run = [slots](std::size_t slot) {
    slots->results[slot] = slots->operation.run(slots->inputs[slot]);
  };
  for (Tensors& inputs : slots->inputs) inputs = copies(slots->operation.inputs, device);
  run(kSlots - 1);  // for the size of the results
  const double bytes = bytes_of(slots->operation.inputs) + bytes_of(slots->results.back());
  const auto verify = [slots] {
    return difference(slots->results[0], slots->operation.expected(slots->operation.inputs));
  };
  return {name, peak, bytes, run, verify};
}

Case operation(const std::string& name, const Shape& shape, std::function<Operation()> make) {
  const auto prepare = [make = std::move(make)](Device device) {
    return std::vector<Implementation>{implementation("tern", Peak::copy, make(), device)};
  };
  return {"op/" + name, to_string(shape), shape[0], 0, prepare};
}

Shape activation_shape(Scale scale) {
  return scale == Scale::full ? Shape{16, 56, 56, 64} : Shape{2, 6, 4, 20};
}

Shape weight_shape(Scale scale) {
  return scale == Scale::full ? Shape{512, 3, 3, 512} : Shape{6, 3, 3, 20};
}

Shape logit_shape(Scale scale) {
  return scale == Scale::full ? Shape{256, 1000} : Shape{5, 10};
}

Tensor labels(std::int64_t count, std::int64_t classes) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int64_t>(7 * i) % classes;
  return Tensor::from(Shape{count}, values);
}

}  // namespace tern::bench
