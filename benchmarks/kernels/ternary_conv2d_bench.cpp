#include <array>
#include <memory>
#include <numeric>

#include "tern/benchmarks/kernels/convolution_problem.h"
#include "tern/benchmarks/support/operation.h"
#include "tern/core/format.h"
#include "tern/kernels/pack_ternary.h"
#include "tern/kernels/ternary_conv2d.h"
#include "tests/support/compare.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

using kernels::Conv2dParameters;

constexpr Conv2dParameters kParameters{1, 1};

struct Shapes {
  Shape x, t, z;
};

Shapes shapes(Scale scale) {
  if (scale == Scale::small) return {{2, 5, 6, 20}, {7, 3, 3, 20}, {2, 5, 6, 7}};
  return {{16, 14, 14, 256}, {256, 3, 3, 256}, {16, 14, 14, 256}};
}

double dot(const Tensor& a, const Tensor& b) {
  const std::vector<double> pa = test::as_doubles(a), pb = test::as_doubles(b);
  return std::inner_product(pa.begin(), pa.end(), pb.begin(), 0.0);
}

/// The gradient of a sum <dz, conv(x, t)>, which is linear in x and in t, is checked in a random direction r:
/// <dx, r> = <dz, conv(r, t)>, and likewise for t. Everything is a small integer, so both sides are exact.
std::string wrong_gradient(const Tensor& gradient, const Tensor& direction, const Tensor& dz,
                           const Tensor& z_of_direction) {
  const double along = dot(gradient, direction), expected = dot(dz, z_of_direction);
  return along == expected ? "" : fmt::format("derivative {} instead of {}", along, expected);
}

Case convolution(const std::string& name, const Shapes& s, Peak peak,
                 const std::function<Tensor(const Tensors&, const PackedTernary&)>& run,
                 const std::function<std::string(const Tensor&)>& verify) {
  const auto prepare = [=](Device device) {
    struct Slot {
      Tensors in;  // x, t, dz
      PackedTernary x;
      Tensor result;
    };
    const auto slots = std::make_shared<std::array<Slot, kSlots>>();
    for (Slot& slot : *slots) {
      const Tensor x = test::random_ternary(s.x, 1).to(device);
      slot.in = {x, test::random_ternary(s.t, 2).to(device),
                 test::converted<float>(test::random_ternary(s.z, 3)).to(device)};
      slot.x = kernels::pack_ternary(x);
    }
    // Both operands and the result as they lie in memory; packing is what is saved of x.
    const double bytes =
        static_cast<double>(s.x.numel() + s.t.numel()) + 2.0 * static_cast<double>(s.z.numel());
    const auto run_slot = [=](std::size_t i) {
      Slot& slot = slots->at(i);
      slot.result = run(slot.in, slot.x);
    };
    return std::vector<Implementation>{
        {"tern", peak, bytes, run_slot, [=] { return verify(slots->front().result); }}};
  };
  const double macs = static_cast<double>(s.z.numel()) * static_cast<double>(s.t.numel() / s.t[0]);
  return {"op/" + name, fmt::format("{} * {}", s.x, s.t), s.x[0], macs, prepare};
}

std::vector<Case> ternary_conv2d_cases(Scale scale) {
  const Shapes s = shapes(scale);
  const auto right_z = [=](const Tensor& z) {
    const Tensor exact =
        exact_convolution(test::random_ternary(s.x, 1), test::random_ternary(s.t, 2), kParameters);
    return test::difference(z, test::as_doubles(exact), 0);
  };
  const auto right_dx = [=](const Tensor& dx) {
    const Tensor r = test::random_ternary(s.x, 4);
    return wrong_gradient(dx, r, test::random_ternary(s.z, 3),
                          exact_convolution(r, test::random_ternary(s.t, 2), kParameters));
  };
  const auto right_dt = [=](const Tensor& dt) {
    const Tensor r = test::random_ternary(s.t, 4);
    return wrong_gradient(dt, r, test::random_ternary(s.z, 3),
                          exact_convolution(test::random_ternary(s.x, 1), r, kParameters));
  };
  return {convolution(
              "ternary_conv2d", s, Peak::int8_dot,
              [](const Tensors& in, const PackedTernary&) {
                return kernels::ternary_conv2d(in[0], in[1], kParameters);
              },
              right_z),
          convolution(
              "ternary_conv2d_with_sums", s, Peak::int8_dot,
              [](const Tensors& in, const PackedTernary&) {
                return kernels::ternary_conv2d_with_sums(in[0], in[1], kParameters).z;
              },
              right_z),
          convolution(
              "ternary_conv2d_backward_data", s, Peak::fp32_fma,
              [=](const Tensors& in, const PackedTernary&) {
                return kernels::ternary_conv2d_backward_data(in[2], in[1], s.x, kParameters);
              },
              right_dx),
          convolution(
              "ternary_conv2d_backward_weights", s, Peak::fp32_fma,
              [=](const Tensors& in, const PackedTernary& x) {
                return kernels::ternary_conv2d_backward_weights(in[2], x, s.t, kParameters);
              },
              right_dt)};
}

const CaseGroup kTernaryConv2d("op/ternary_conv2d", &ternary_conv2d_cases);

}  // namespace
}  // namespace tern::bench
