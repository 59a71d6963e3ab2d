#include "tern/kernels/cpu/onednn.h"

namespace tern::kernels::cpu {

using dnnl::memory;

dnnl::engine& onednn_engine() {
  static auto* engine = new dnnl::engine(dnnl::engine::kind::cpu, 0);  // outlives the primitive caches
  return *engine;
}

dnnl::stream& onednn_stream() {
  static auto* stream = new dnnl::stream(onednn_engine());
  return *stream;
}

memory::desc nhwc_desc(const Shape& shape) {
  return {{shape[0], shape[3], shape[1], shape[2]}, memory::data_type::f32, memory::format_tag::nhwc};
}

memory::desc ohwi_desc(const Shape& shape) {
  return {{shape[0], shape[3], shape[1], shape[2]}, memory::data_type::f32, memory::format_tag::ohwi};
}

memory::desc any_layout(const memory::desc& desc) {
  return {desc.dims(), desc.data_type(), memory::format_tag::any};
}

memory memory_of(const memory::desc& desc, const Tensor& tensor) {
  return memory(desc, onednn_engine(), const_cast<void*>(tensor.raw()));
}

Tensor reordered(const Tensor& source, const memory::desc& from, const memory::desc& to) {
  if (from == to) return source;
  const auto elements = static_cast<std::int64_t>(to.get_size() / sizeof(float));
  Tensor target = Tensor::empty({elements});
  reorder_into(source, from, target, to);
  return target;
}

void reorder_into(const Tensor& source, const memory::desc& from, Tensor& target, const memory::desc& to) {
  memory input = memory_of(from, source);
  memory output = memory_of(to, target);
  dnnl::reorder(input, output).execute(onednn_stream(), input, output);
  onednn_stream().wait();
}

}  // namespace tern::kernels::cpu
