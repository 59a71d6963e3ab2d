#include "tern/kernels/cuda/batch_norm_ternary.cuh"
#include "tern/kernels/cuda/ternary_bits.cuh"

namespace tern::kernels::cuda {
namespace {

/// The words of packed ternary values as 32-bit halves: sign low, sign high, mask low, mask high.
struct PackedHalves {
  explicit PackedHalves(PackedTernary& packed)
      : halves(packed.defined() ? reinterpret_cast<unsigned*>(packed.words()) : nullptr),
        row_halves(packed.defined() ? 4 * packed.row_pairs() : 0) {}

  /// Stores the bits of the 32 channels from `channel` on; behind the last channel the other half is cleared.
  __device__ void store(std::int64_t row, std::int64_t channel, std::int64_t channels, unsigned sign,
                        unsigned mask) const {
    const std::int64_t half = channel / 32;
    unsigned* to = halves + row * row_halves + half / 2 * 4 + half % 2;
    to[0] = sign;
    to[2] = mask;
    if (half % 2 == 0 && channel + 32 >= channels) to[1] = to[3] = 0;
  }

  unsigned* halves;
  std::int64_t row_halves;
};

/// Bytes per element of a f32 x: 4 read, 1 written, and 1/4 where it packs.
template <int Width, class Element>
__global__ void __launch_bounds__(ChannelGrid::kBlock)
    batch_norm_ternary_kernel(ChannelGrid grid, const Element* x, TermPointers pointers, std::int8_t* y,
                              PackedHalves packed, std::int32_t* non_finite) {
  const ChannelSlot<Width> slot(grid);
  SlotTerms<Width> terms;
  if (slot.has_channel()) terms = SlotTerms<Width>(pointers, slot.channel);
  float poisoned = 0;
  for (int step = 0; step < slot.steps; step += kRowsInFlight) {
    const auto rows = slot.load(x, step);
    TERN_UNROLL
    for (int r = 0; r < kRowsInFlight; ++r) {
      unsigned sign = 0, mask = 0;
      const bool owned = slot.owns(step + r);
      if (owned) {
        Vector<std::int8_t, Width> result;
        for (int k = 0; k < Width; ++k) {
          const float t = terms[k].normalised(terms[k].centred(to_float(rows.at[r].at[k])));
          poisoned += poison(t);
          result.at[k] = ternarise(t);
          sign |= static_cast<unsigned>(result.at[k] < 0) << k;
          mask |= static_cast<unsigned>(result.at[k] != 0) << k;
        }
        store(y + slot.element(step + r), result);
      }
      if (packed.halves == nullptr) continue;
      sign = gather_bits<Width>(sign);
      mask = gather_bits<Width>(mask);
      if (leads_group<Width>() && owned) {
        packed.store(slot.row(step + r), slot.channel, grid.channels, sign, mask);
      }
    }
  }
  if (poisoned != 0) atomic_or(non_finite, 1);
}

}  // namespace

void batch_norm_ternary(const Tensor& x, const BatchNormTerms& terms, TernaryActivations& y,
                        std::int32_t* non_finite) {
  visit_float_type(x.dtype(), [&](auto element) {
    using Element = decltype(element);
    visit_width(x.dim(-1), [&](auto width) {
      const ChannelGrid grid(x, width);
      TERN_LAUNCH((batch_norm_ternary_kernel<width, Element>), grid.shape(width), grid, x.data<Element>(),
                  TermPointers(terms), y.values.data<std::int8_t>(), PackedHalves(y.packed), non_finite);
    });
  });
}

void batch_norm_ternary_backward_sums(const Tensor& dy, const Tensor& x, const BatchNormTerms& terms,
                                      const BatchStatistics& statistics, BatchNormGradients& gradients,
                                      Tensor& means) {
  visit_float_type(x.dtype(), [&](auto element) {
    using Element = decltype(element);
    means = normalise_backward_sums<Element>(stored_upstream<Element>(dy), x, terms, statistics,
                                             StraightThrough(), gradients);
  });
}

void batch_norm_ternary_backward_apply(const BatchNormTernaryDx& of, Tensor& dx) {
  visit_float_type(dx.dtype(), [&](auto element) {
    using Element = decltype(element);
    normalise_backward_apply<Element>(stored_upstream<Element>(of.dy), of.x.data<Element>(),
                                      TermPointers(of.terms), of.means, StraightThrough(), dx, of.addend);
  });
}

}  // namespace tern::kernels::cuda
