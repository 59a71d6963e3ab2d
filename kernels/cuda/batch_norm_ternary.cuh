// The second pass of batch_norm_ternary_backward, by itself or as a part of what reads its result.
#pragma once

#include "tern/kernels/batch_norm_ternary.h"
#include "tern/kernels/common/ternarise.h"
#include "tern/kernels/cuda/normalise.cuh"

namespace tern::kernels::cuda {

struct StraightThrough : SameForAllChannels<StraightThrough> {
  __device__ float operator()(float dy, float t, int) const { return in_straight_through(t) ? dy : 0.0F; }
};

/// An upstream that makes what batch_norm_ternary_backward would have stored; y is the x of that batch norm.
template <class Element>
struct BatchNormTernaryUpstream {
  explicit BatchNormTernaryUpstream(const BatchNormTernaryDx& of)
      : dy(of.dy.data<Element>()),
        addend(of.addend.defined() ? of.addend.data<Element>() : nullptr),
        terms(of.terms),
        means(of.means.data<float>()),
        channels(of.means.dim(1)) {}

  const Element *dy, *addend;
  TermPointers terms;
  const float* means;
  std::int64_t channels;

  template <int Width>
  struct Columns {
    struct Row {
      Vector<Element, Width> dy, addend;
    };

    __device__ Columns(const BatchNormTernaryUpstream& of, std::int64_t channel)
        : dy(of.dy),
          addend(of.addend),
          gradient(of.terms, StraightThrough(), of.means, of.channels, channel) {}

    __device__ Row load(std::int64_t /*row*/, std::int64_t element) const {
      Row row{cuda::load<Width>(dy + element), {}};
      if (addend != nullptr) row.addend = cuda::load<Width>(addend + element);
      return row;
    }
    __device__ float at(const Row& row, int k, float y) const {
      const float dx = stored<Element>(gradient.dx(to_float(row.dy.at[k]), y, k));
      return addend == nullptr ? dx : stored<Element>(dx + to_float(row.addend.at[k]));
    }

    const Element *dy, *addend;
    GradientColumns<Width, StraightThrough> gradient;
  };
};

}  // namespace tern::kernels::cuda
