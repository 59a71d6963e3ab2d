#include <algorithm>
#include <array>
#include <memory>

#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/pack_ternary.h"
#include "tests/support/compare.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

/// The words of values (..., C): core/packed_ternary.h.
std::vector<std::uint64_t> words_of(const Tensor& x) {
  const std::int64_t channels = x.dim(-1), rows = x.numel() / channels, pairs = (channels + 63) / 64;
  std::vector<std::uint64_t> words(static_cast<std::size_t>(rows * pairs * 2), 0);
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    const std::int64_t c = i % channels;
    const auto pair = static_cast<std::size_t>(2 * (i / channels * pairs + c / 64));
    const int value = x.data<std::int8_t>()[i];
    words[pair] |= std::uint64_t{value < 0 ? 1U : 0U} << c % 64;
    words[pair + 1] |= std::uint64_t{value != 0 ? 1U : 0U} << c % 64;
  }
  return words;
}

double bytes_moved(const Shape& shape) {
  return static_cast<double>(shape.numel() + PackedTernary::empty(shape).storage().numel() * 8);
}

std::vector<Implementation> packing(const Shape& shape, Device device) {
  struct Slot {
    Tensor x;
    PackedTernary packed;
  };
  const Tensor x = test::random_ternary(shape, 1);
  const auto slots = std::make_shared<std::array<Slot, kSlots>>();
  for (Slot& slot : *slots) slot.x = x.clone().to(device);
  const auto run = [=](std::size_t i) { slots->at(i).packed = kernels::pack_ternary(slots->at(i).x); };
  const auto verify = [=]() -> std::string {
    const PackedTernary packed = slots->front().packed.to(Device{});
    const std::vector<std::uint64_t> expected = words_of(x);
    return std::equal(expected.begin(), expected.end(), packed.words()) ? "" : "the words differ";
  };
  return {{"tern", Peak::copy, bytes_moved(shape), run, verify}};
}

std::vector<Implementation> unpacking(const Shape& shape, Device device) {
  struct Slot {
    PackedTernary packed;
    Tensor x;
  };
  const Tensor x = test::random_ternary(shape, 1);
  const auto slots = std::make_shared<std::array<Slot, kSlots>>();
  for (Slot& slot : *slots) slot.packed = kernels::pack_ternary(x.to(device));
  const auto run = [=](std::size_t i) { slots->at(i).x = kernels::unpack_ternary(slots->at(i).packed); };
  const auto verify = [=] { return test::bit_difference(slots->front().x, x); };
  return {{"tern", Peak::copy, bytes_moved(shape), run, verify}};
}

std::vector<Case> pack_ternary_cases(Scale scale) {
  const Shape shape = activation_shape(scale);
  const auto with = [shape](auto prepare) { return [=](Device device) { return prepare(shape, device); }; };
  return {{"op/pack_ternary", to_string(shape), shape[0], 0, with(packing)},
          {"op/unpack_ternary", to_string(shape), shape[0], 0, with(unpacking)}};
}

const CaseGroup kPackTernary("op/pack_ternary", &pack_ternary_cases);

}  // namespace
}  // namespace tern::bench
