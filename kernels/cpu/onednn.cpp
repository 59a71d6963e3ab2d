#include "tern/kernels/cpu/onednn.h"

#include <sys/mman.h>

#include <new>

#include "tern/kernels/cpu/onednn_versions.h"

namespace tern::kernels::cpu {

using dnnl::memory;

dnnl::engine& onednn_engine() {
  static auto* engine = new dnnl::engine(dnnl::engine::kind::cpu, 0);  // outlives the primitive caches
  return *engine;
}

void require_memory_for_code() {
  constexpr std::size_t kBytes = std::size_t{32} << 20U;
  void* const memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  munmap(memory, kBytes);
}

bool has_bf16_products() {
  static const bool has = [] {
    const auto isa = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
    const auto bf16 = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_bf16);
    return (isa & bf16) == bf16;
  }();
  return has;
}

memory::data_type data_type(DType dtype) {
  return dtype == DType::bf16 ? memory::data_type::bf16 : memory::data_type::f32;
}

memory::desc nhwc_desc(const Shape& shape, DType dtype) {
  return {{shape[0], shape[3], shape[1], shape[2]}, data_type(dtype), memory::format_tag::nhwc};
}

memory::desc ohwi_desc(const Shape& shape, DType dtype) {
  return {{shape[0], shape[3], shape[1], shape[2]}, data_type(dtype), memory::format_tag::ohwi};
}

memory::desc any_layout(const memory::desc& desc) {
  return {dims_of(desc), type_of(desc), memory::format_tag::any};
}

memory memory_of(const memory::desc& desc, const Tensor& tensor) {
  return memory(desc, onednn_engine(), const_cast<void*>(tensor.raw()));
}

dnnl::primitive_attr scratchpad_from_outside() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

void execute(const dnnl::primitive& primitive, const memory::desc& scratchpad,
             std::unordered_map<int, memory> arguments) {
  const Tensor scratch = Tensor::empty({static_cast<std::int64_t>(scratchpad.get_size())}, DType::u8);
  arguments.emplace(DNNL_ARG_SCRATCHPAD, memory_of(scratchpad, scratch));
  dnnl::stream stream(onednn_engine());
  primitive.execute(stream, arguments);
  stream.wait();
}

Tensor elements_of(const memory::desc& desc, DType dtype) {
  return Tensor::empty({static_cast<std::int64_t>(desc.get_size() / size_of(dtype))}, dtype);
}

Tensor reordered(const Tensor& source, const memory::desc& from, const memory::desc& to) {
  if (from == to) return source;
  Tensor target = elements_of(to, source.dtype());
  reorder_into(source, from, target, to);
  return target;
}

void reorder_into(const Tensor& source, const memory::desc& from, Tensor& target, const memory::desc& to) {
  memory input = memory_of(from, source);
  memory output = memory_of(to, target);
  dnnl::stream stream(onednn_engine());
  dnnl::reorder(input, output).execute(stream, input, output);
  stream.wait();
}

}  // namespace tern::kernels::cpu
