// What every oneDNN-backed CPU kernel needs: engine, stream, memory descriptors of our layouts, and a cache
// of primitives, whose creation costs more than running a small one.
#pragma once

#include <array>
#include <dnnl.hpp>
#include <map>
#include <mutex>

#include "core/parallel.h"
#include "core/tensor.h"

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

/// Primitives by the numbers that determine them. The number of threads is one: primitives are built for it.
template <class Primitive>
class PrimitiveCache {
 public:
  using Key = std::array<std::int64_t, 12>;

  /// The cached primitive of `key`, made by `make()` the first time.
  template <class Make>
  const Primitive& get(Key key, const Make& make) {
    key.back() = thread_count();
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = primitives_.find(key);
    if (found != primitives_.end()) return found->second;
    return primitives_.emplace(key, make()).first->second;
  }

 private:
  std::mutex mutex_;
  std::map<Key, Primitive> primitives_;
};

}  // namespace tern::kernels::cpu
