// The specification of the packed kernels, in standard C++ but for the vector types.
#include <bit>

#include "tern/kernels/cpu/packed/convolve.h"
#include "tern/kernels/cpu/packed/table.h"
#include "tern/kernels/cpu/packed/targets.h"

namespace tern::packed {
namespace {

struct Scalar : CountedConvolution<Scalar> {
  static constexpr int kPixels = 1, kBlocks = 1, kDrain = 0;

  template <int kBlockCount>
  struct Weights {
    Weights(const std::uint64_t* first, std::ptrdiff_t /*block_words*/) : words(first) {}
    const std::uint64_t* words;  // 8 sign words, 8 mask words
  };

  /// With m the positions where both values are not 0, and d those of m where the signs differ, a sum of
  /// products is popcount(m) - 2 * popcount(d).
  template <int kBlockCount>
  class Counter {
   public:
    void add(const Weights<kBlockCount>& w, const std::uint64_t* x) {
      for (int lane = 0; lane < kLanes; ++lane) {
        const std::uint64_t both = w.words[kLanes + lane] & x[1];
        sums_[lane] += std::popcount(both) - 2 * std::popcount(both & (w.words[lane] ^ x[0]));
      }
    }
    Ints<kLanes> total(int /*pairs*/) const { return load<Ints<kLanes>>(sums_); }

   private:
    std::int32_t sums_[kLanes] = {};
  };

  static unsigned at_least(const Floats<kLanes>& y, const Floats<kLanes>& x) {
    unsigned bits = 0;
    for (int lane = 0; lane < kLanes; ++lane) bits |= static_cast<unsigned>(y[lane] >= x[lane]) << lane;
    return bits;
  }
};

constexpr Kernels kTable = make_kernels<Scalar>("scalar");

}  // namespace

const Kernels* scalar_kernels() {
  return &kTable;
}

}  // namespace tern::packed
