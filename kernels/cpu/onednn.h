// What every oneDNN-backed CPU kernel needs: engine, execution, memory descriptors of our layouts.
#pragma once

#include <dnnl.hpp>
#include <unordered_map>

#include "tern/core/parallel.h"
#include "tern/core/tensor.h"

namespace tern::kernels::cpu {

dnnl::engine& onednn_engine();

/// oneDNN crashes where there is no memory for the code that it writes: for each primitive, and at the first
/// product. Throws std::bad_alloc in its place, unless 32 MiB can be had.
void require_memory_for_code();

/// While it lives, oneDNN computes in the calling thread alone. Work that is shared out by tern::parallel_for
/// does so: oneDNN's own shares follow the number of threads, and with them the rounding of its sums.
class SingleThread {
 public:
  SingleThread() : previous_(thread_count()) { set_thread_count(1); }
  ~SingleThread() { set_thread_count(previous_); }
  SingleThread(const SingleThread&) = delete;
  SingleThread& operator=(const SingleThread&) = delete;

 private:
  int previous_;
};

/// Whether this CPU multiplies bf16 (AVX512-BF16, AMX); others do it only by way of f32, slowly.
bool has_bf16_products();

/// f32 or bf16.
dnnl::memory::data_type data_type(DType dtype);
/// Descriptor of an image tensor (N, H, W, C); oneDNN names the same dimensions N, C, H, W.
dnnl::memory::desc nhwc_desc(const Shape& shape, DType dtype = DType::f32);
/// Descriptor of convolution weights (O, KH, KW, I); oneDNN's logical order is O, I, H, W.
dnnl::memory::desc ohwi_desc(const Shape& shape, DType dtype = DType::f32);
/// The same dimensions as `desc` in whatever layout the primitive likes best.
dnnl::memory::desc any_layout(const dnnl::memory::desc& desc);

/// A memory object on the elements of `tensor`. oneDNN takes non-const pointers for its inputs too.
dnnl::memory memory_of(const dnnl::memory::desc& desc, const Tensor& tensor);

/// What every primitive that is kept is made with: oneDNN's own scratchpads belong to the thread that made
/// the primitive, and another one may run it.
dnnl::primitive_attr scratchpad_from_outside();
/// Runs a primitive made with that; `scratchpad` is its description's scratchpad_desc(). Of any thread.
void execute(const dnnl::primitive& primitive, const dnnl::memory::desc& scratchpad,
             std::unordered_map<int, dnnl::memory> arguments);

/// A buffer for what `desc`, of that dtype, describes.
Tensor elements_of(const dnnl::memory::desc& desc, DType dtype);
/// A buffer that holds `source` (described by `from`) in layout `to`, of the same dtype; `source` itself if
/// that is the same.
Tensor reordered(const Tensor& source, const dnnl::memory::desc& from, const dnnl::memory::desc& to);
/// Writes `source` in layout `from` to `target` in layout `to`.
void reorder_into(const Tensor& source, const dnnl::memory::desc& from, Tensor& target,
                  const dnnl::memory::desc& to);

}  // namespace tern::kernels::cpu
