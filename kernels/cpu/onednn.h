// What every oneDNN-backed CPU kernel needs: engine, stream, memory descriptors of our layouts.
#pragma once

#include <dnnl.hpp>

#include "tern/core/tensor.h"

namespace tern::kernels::cpu {

dnnl::engine& onednn_engine();
dnnl::stream& onednn_stream();

/// Descriptor of a f32 image tensor (N, H, W, C); oneDNN names the same dimensions N, C, H, W.
dnnl::memory::desc nhwc_desc(const Shape& shape);
/// Descriptor of f32 convolution weights (O, KH, KW, I); oneDNN's logical order is O, I, H, W.
dnnl::memory::desc ohwi_desc(const Shape& shape);
/// The same dimensions as `desc` in whatever layout the primitive likes best.
dnnl::memory::desc any_layout(const dnnl::memory::desc& desc);

/// A memory object on the elements of `tensor`. oneDNN takes non-const pointers for its inputs too.
dnnl::memory memory_of(const dnnl::memory::desc& desc, const Tensor& tensor);

/// A buffer that holds `source` (described by `from`) in layout `to`; `source` itself if that is the same.
Tensor reordered(const Tensor& source, const dnnl::memory::desc& from, const dnnl::memory::desc& to);
/// Writes `source` in layout `from` to `target` in layout `to`.
void reorder_into(const Tensor& source, const dnnl::memory::desc& from, Tensor& target,
                  const dnnl::memory::desc& to);

}  // namespace tern::kernels::cpu
