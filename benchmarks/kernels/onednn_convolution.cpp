#include "tern/benchmarks/kernels/onednn_convolution.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <dnnl.hpp>
#include <memory>

#include "tern/kernels/cpu/onednn_versions.h"
#include "tests/support/compare.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

using dnnl::memory;
using Type = memory::data_type;
using Tag = memory::format_tag;

dnnl::engine& engine() {
  static dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

dnnl::stream& stream() {
  static dnnl::stream in_order(engine());
  return in_order;
}

memory::dims dims_of(const Shape& channels_last) {
  return {channels_last[0], channels_last[3], channels_last[1], channels_last[2]};
}

/// A tensor with the channels last and the type of its elements.
struct Operand {
  Tensor values;
  Type type;
};

/// The operand in the layout `to`, images or weights by the tag.
memory in_layout(const Operand& operand, Tag tag, const memory::desc& to) {
  memory from({dims_of(operand.values.shape()), operand.type, tag}, engine(),
              const_cast<void*>(operand.values.raw()));
  memory result(to, engine());
  dnnl::reorder(from, result).execute(stream(), from, result);
  stream().wait();
  return result;
}

/// What is done to the sums of a convolution.
struct Tail {
  dnnl::primitive_attr attributes;
  std::unordered_map<int, memory> arguments;  ///< What the attributes refer to.
};

struct Operands {
  Operand x, t;
  Operand y;  ///< What the results' buffer holds before: some convolutions add to it.
};

dnnl::convolution_forward::primitive_desc describe(const ConvolutionProblem& problem, const Operands& o,
                                                   const dnnl::primitive_attr& attributes) {
  const Shape y = problem.output();
  const int stride = problem.parameters.stride, padding = problem.parameters.padding;
  const auto end_padding = [&](int axis) {  // what the last window really reaches
    return (y[axis] - 1) * stride + problem.t[axis] - problem.x[axis] - padding;
  };
  const auto any = [](const Shape& shape, Type type) { return memory::desc(dims_of(shape), type, Tag::any); };
  return kernels::cpu::describe_forward<dnnl::convolution_forward>(
      engine(), attributes, dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct,
      any(problem.x, o.x.type), any(problem.t, o.t.type), any(y, o.y.type), memory::dims{stride, stride},
      memory::dims{padding, padding}, memory::dims{end_padding(1), end_padding(2)});
}

class Convolution {
 public:
  Convolution(const ConvolutionProblem& problem, const Operands& o, const Tail& tail)
      : y_(o.y), arguments_(tail.arguments) {
    const auto desc = describe(problem, o, tail.attributes);
    primitive_ = dnnl::convolution_forward(desc);
    code_ = desc.impl_info_str();
    source_ = in_layout(o.x, Tag::nhwc, desc.src_desc());
    target_ = in_layout(o.y, Tag::nhwc, desc.dst_desc());
    arguments_[DNNL_ARG_SRC] = source_;
    arguments_[DNNL_ARG_DST] = target_;
    for (memory& weights : weights_) weights = in_layout(o.t, Tag::ohwi, desc.weights_desc());
  }

  void run(std::size_t slot) {
    arguments_[DNNL_ARG_WEIGHTS] = weights_[slot];
    primitive_.execute(stream(), arguments_);
    stream().wait();
  }

  /// The result with the channels last.
  Tensor result() {
    Tensor y = Tensor::empty_like(y_.values);
    memory target({dims_of(y.shape()), y_.type, Tag::nhwc}, engine(), y.raw());
    dnnl::reorder(target_, target).execute(stream(), target_, target);
    stream().wait();
    return y;
  }

  /// oneDNN's name of the implementation, which has the instruction set: "brgconv:avx512_core_vnni".
  const std::string& code() const { return code_; }

 private:
  Operand y_;
  std::string code_;
  dnnl::convolution_forward primitive_;
  memory source_, target_;
  std::unordered_map<int, memory> arguments_;
  std::array<memory, kSlots> weights_;
};

using Expected = std::function<std::vector<double>()>;

Implementation implementation(const std::string& name, Peak peak, const ConvolutionProblem& problem,
                              const Operands& o, const Tail& tail, const Expected& expected) {
  const auto convolution = std::make_shared<Convolution>(problem, o, tail);
  const double bytes = static_cast<double>(o.x.values.nbytes() + o.t.values.nbytes() + o.y.values.nbytes());
  // Results are integers throughout.
  const auto verify = [=] { return test::difference(convolution->result(), expected(), 0); };
  return {name,
          peak,
          bytes,
          [convolution](std::size_t slot) { convolution->run(slot); },
          verify,
          {},
          convolution->code()};
}

/// -1, 0, +1 as 0, 1, 2.
Tensor raised(const Tensor& ternary) {
  std::vector<double> values = test::as_doubles(ternary);
  for (double& value : values) value += 1;
  return Tensor::from<std::int8_t>(ternary.shape(), {values.begin(), values.end()});
}

constexpr float kScale = 1.0F / 16;  // a power of two: no product is rounded

/// Sums times kScale. oneDNN 3 has scales of the operands alone, and takes them when it runs.
Tail scaled() {
  Tail tail;
#if DNNL_VERSION_MAJOR >= 3
  const memory scale({{1}, Type::f32, Tag::x}, engine());
  *static_cast<float*>(scale.get_data_handle()) = kScale;
  tail.attributes.set_scales_mask(DNNL_ARG_SRC, 0);
  tail.arguments.emplace(DNNL_ARG_ATTR_SCALES | DNNL_ARG_SRC, scale);
#else
  tail.attributes.set_output_scales(0, {kScale});
#endif
  return tail;
}

/// scale * z + shortcut, ReLU, to the nearest u8.
double requantised(double z, double shortcut) {
  return std::clamp(std::nearbyint(kScale * z + shortcut), 0.0, 255.0);
}

}  // namespace

Implementation onednn_fp32(const ConvolutionProblem& problem) {
  const ConvolutionOperands o(problem);
  const Operands operands{{test::converted<float>(o.x), Type::f32},
                          {test::converted<float>(o.t), Type::f32},
                          {Tensor::zeros(problem.output()), Type::f32}};
  return implementation("onednn_fp32", Peak::fp32_fma, problem, operands, {},
                        [=] { return exact_values(problem); });
}

Implementation onednn_int8(const ConvolutionProblem& problem) {
  const ConvolutionOperands o(problem);
  const Tensor x = raised(o.x);
  const Operands operands{
      {x, Type::u8}, {o.t, Type::s8}, {Tensor::zeros(problem.output(), DType::i32), Type::s32}};
  return implementation("onednn_int8", Peak::int8_dot, problem, operands, {},
                        [=] { return test::as_doubles(exact_convolution(x, o.t, problem.parameters)); });
}

Implementation onednn_int8_fused(const ConvolutionProblem& problem) {
  const ConvolutionOperands o(problem);
  const Tensor x = raised(o.x);
  const Tensor shortcut = test::converted<std::uint8_t>(raised(test::random_ternary(problem.output(), 3)));
  dnnl::post_ops added_and_clipped;
  added_and_clipped.append_sum(1.0F);
#if DNNL_VERSION_MAJOR >= 3
  added_and_clipped.append_eltwise(dnnl::algorithm::eltwise_relu, 0.0F, 0.0F);
#else
  added_and_clipped.append_eltwise(1.0F, dnnl::algorithm::eltwise_relu, 0.0F, 0.0F);
#endif
  Tail tail = scaled();
  tail.attributes.set_post_ops(added_and_clipped);
  const Operands operands{{x, Type::u8}, {o.t, Type::s8}, {shortcut, Type::u8}};
  return implementation("onednn_int8_fused", Peak::int8_dot, problem, operands, tail, [=] {
    std::vector<double> y = test::as_doubles(exact_convolution(x, o.t, problem.parameters));
    const std::vector<double> added = test::as_doubles(shortcut);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = requantised(y[i], added[i]);
    return y;
  });
}

bool hold_onednn(const std::string& wanted) {
  if (wanted == "avx512bw") dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx512_core_vnni);
  if (wanted == "avx2") dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx2);
  return wanted == "avx2";
}

}  // namespace tern::bench
