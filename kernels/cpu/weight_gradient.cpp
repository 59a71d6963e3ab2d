#include "tern/kernels/cpu/weight_gradient.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "tern/kernels/common/cache.h"

namespace tern::kernels::cpu {
namespace {

using dnnl::memory;

// Each share writes a gradient of its own, which takes as long as a few hundred positions; more shares feed
// more threads.
constexpr std::int64_t kMinPositions = 1024;
constexpr std::int64_t kMaxShares = 16;

Chunks shares_of(const ConvolutionProblem& problem) {
  const std::int64_t min_images = (kMinPositions + problem.positions() - 1) / problem.positions();
  return Chunks(problem.images(), min_images, kMaxShares);
}

// For one thread; dw is f32, whatever the factors.
dnnl::convolution_backward_weights::primitive_desc share_desc(const ConvolutionProblem& q,
                                                              const memory::desc& dw) {
  return describe_gradient<dnnl::convolution_backward_weights>(
      onednn_engine(), scratchpad_from_outside(), q.forward(false), ConvolutionProblem::kDirect, q.x, dw, q.y,
      q.strides, q.padding_begin, q.padding_end);
}

// Of a share of so many images.
struct Share {
  Share(const ConvolutionProblem& whole, std::int64_t images, const memory::desc& dw)
      : problem(whole.with_images(images)), desc(share_desc(problem, dw)), primitive(desc) {}

  ConvolutionProblem problem;
  dnnl::convolution_backward_weights::primitive_desc desc;
  dnnl::convolution_backward_weights primitive;
};

class Plan {
 public:
  explicit Plan(const ConvolutionProblem& problem) : Plan(problem, shares_of(problem)) {}

  void run(const Tensor& dy, const Tensor& x, Tensor& dw) const {
    const memory::desc ours = ohwi_desc(dw.shape());
    const bool direct = layout() == ours;
    std::vector<Tensor> sums(static_cast<std::size_t>(chunks_.count()));
    std::generate(sums.begin(), sums.end(), [this] { return elements_of(layout(), DType::f32); });
    if (direct) sums.front() = dw;
    parallel_for(0, chunks_.count(), 1, [&](std::int64_t share, std::int64_t last) {
      const SingleThread single_thread;
      for (; share < last; ++share) run_share(share, dy, x, sums[static_cast<std::size_t>(share)]);
    });
    add_up(sums);
    if (!direct) reorder_into(sums.front(), layout(), dw, ours);
  }

 private:
  Plan(const ConvolutionProblem& problem, const Chunks& chunks)
      : chunks_(chunks),
        // Shares differ by one image at most. The layout of dw that suits the first is that of all.
        small_(problem, problem.images() / chunks.count(),
               memory::desc(dims_of(problem.w), memory::data_type::f32, memory::format_tag::any)) {
    const std::int64_t images = small_.problem.images();
    if (images * chunks.count() < problem.images()) large_.emplace(problem, images + 1, layout());
  }

  memory::desc layout() const { return small_.desc.diff_weights_desc(); }

  void run_share(std::int64_t number, const Tensor& dy, const Tensor& x, Tensor& dw) const {
    const std::int64_t first = chunks_.begin(number), count = chunks_.end(number) - first;
    const Share& share = count == small_.problem.images() ? small_ : *large_;
    const auto images = [first](const memory::desc& desc, const Tensor& all) {
      const auto bytes = all.nbytes() / static_cast<std::size_t>(all.dim(0));
      const char* begin = static_cast<const char*>(all.raw()) + static_cast<std::size_t>(first) * bytes;
      return memory(desc, onednn_engine(), const_cast<char*>(begin));
    };
    execute(share.primitive, share.desc.scratchpad_desc(),
            {{DNNL_ARG_SRC, images(share.problem.x, x)},
             {DNNL_ARG_DIFF_DST, images(share.problem.y, dy)},
             {DNNL_ARG_DIFF_WEIGHTS, memory_of(layout(), dw)}});
  }

  // raw(), for dw may be a tensor of the emulated GPU beside those of the CPU.
  static void add_up(std::vector<Tensor>& sums) {
    constexpr std::int64_t kGrain = 1 << 13;
    auto* total = static_cast<float*>(sums.front().raw());
    parallel_for(0, sums.front().numel(), kGrain, [&sums, total](std::int64_t first, std::int64_t last) {
      for (std::size_t share = 1; share < sums.size(); ++share) {
        const auto* other = static_cast<const float*>(sums[share].raw());
        for (std::int64_t i = first; i < last; ++i) total[i] += other[i];
      }
    });
  }

  Chunks chunks_;
  Share small_;
  std::optional<Share> large_;
};

// Of any number of threads: its primitives are for one.
const Plan& plan_of(const ConvolutionProblem& problem) {
  static auto* cache = new Cache<ConvolutionProblem::Key, Plan>;
  ConvolutionProblem::Key key = problem.key;
  key[10] = 1;
  return cache->get(key, [&] {
    const SingleThread single_thread;
    return Plan(problem);
  });
}

}  // namespace

void weight_gradient(const ConvolutionProblem& problem, const Tensor& dy, const Tensor& x, Tensor& dw) {
  plan_of(problem).run(dy, x, dw);
}

}  // namespace tern::kernels::cpu
