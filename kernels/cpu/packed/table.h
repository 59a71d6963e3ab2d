// The functions of struct Kernels (kernels.h) for an instruction set `Isa`, which has
//   at_least(y, x)   a bit per lane: y >= x, for 8 * n floats
//   kStripPixels     the pixels of a strip
//   convolve_strip(shape, strip, weights, sink)   gives a sink the sums of a strip by tiles: take<pixels,
//                    blocks of 8 filters>(strip, first pixel, first block, sums)
//   weight_words(shape), arrange_weights(shape, pairs, words)   the weights in its order
//   kPixelLanes      the address of its PixelLanes, or nullptr; if there are any, also
//   convolve_lanes(shape, x, weights, first_row, last_row, sink)   the same for rows of the output
#pragma once

#include <type_traits>

#include "tern/kernels/cpu/packed/condense.h"
#include "tern/kernels/cpu/packed/kernels.h"
#include "tern/kernels/cpu/packed/strip.h"

namespace tern::packed {
namespace {

/// How many of `lanes` channels from block `block` on there are.
inline int channels_from(int block, int channels, int lanes) {
  const int left = channels - block * kLanes;
  return left < lanes ? left : lanes;
}

template <class Element>
struct IntegerSink {
  int filters;
  Element* z;  // (output pixels, filters)

  void begin(const PixelStrip& /*strip*/) {}

  template <int kPixels, int kBlocks>
  void take(const PixelStrip& strip, int first, int block,
            const Ints<kLanes * kBlocks> (&sums)[kPixels]) const {
    constexpr int kCount = kLanes * kBlocks;
    Element* to = z + std::ptrdiff_t{strip.first + first} * filters + block * kLanes;
    const int count = channels_from(block, filters, kCount);
#pragma GCC unroll 8
    for (int p = 0; p < kPixels; ++p, to += filters) {
      store(__builtin_convertvector(sums[p], typename VectorOf<Element, kCount>::Type), count, to);
    }
  }

  /// sums(p), of kBlocks blocks and each pixel of a strip.
  template <int kBlocks, class Sums>
  void take_strip(const PixelStrip& strip, int block, const Sums& sums) const {
    for (int p = 0; p < strip.count; ++p) {
      const Ints<kLanes * kBlocks> one[1] = {sums(p)};
      take<1, kBlocks>(strip, p, block, one);
    }
  }
};

/// Sums of both planes of the weights, 2 a + b, to a sink. Sums of the a of a block of filters come before
/// those of its b: in one tile, or for all pixels of the strip.
template <class Sink>
class PlanesSink {
 public:
  explicit PlanesSink(const Sink& sink) : sink_(sink) {}

  void begin(const Strip& strip) { sink_.begin(strip); }

  template <int kPixels, int kBlocks>
  void take(const Strip& strip, int first, int block, const Ints<kLanes * kBlocks> (&sums)[kPixels]) const {
    static_assert(kBlocks <= 2);
    if constexpr (kBlocks == 2) {
      Ints<kLanes> both[kPixels];
#pragma GCC unroll 8
      for (int p = 0; p < kPixels; ++p) {
        Ints<kLanes> planes[2];
        std::memcpy(planes, &sums[p], sizeof planes);
        both[p] = 2 * planes[0] + planes[1];
      }
      sink_.template take<kPixels, 1>(strip, first, block / 2, both);
    } else if (block % 2 == 0) {
      for (int p = 0; p < kPixels; ++p) twice_a_[first + p] = 2 * sums[p];
    } else {
      Ints<kLanes> both[kPixels];
#pragma GCC unroll 8
      for (int p = 0; p < kPixels; ++p) both[p] = twice_a_[first + p] + sums[p];
      sink_.template take<kPixels, 1>(strip, first, block / 2, both);
    }
  }

 private:
  Sink sink_;
  mutable Ints<kLanes> twice_a_[Strip::kSize];  // of the pixels of a strip
};

/// Where the bytes of an image (height, width, channels) lie in a packed buffer.
struct PackedImage {
  PackedImage(const PackedOutput& to, int width, int channels)
      : pixel_bytes(16 * ((channels + kWordChannels - 1) / kWordChannels)),
        row_bytes((width + 2 * to.border) * pixel_bytes),
        first_pixel(reinterpret_cast<std::uint8_t*>(to.words) + to.border * (row_bytes + pixel_bytes)) {}

  std::ptrdiff_t pixel_bytes, row_bytes;
  std::uint8_t* first_pixel;
};

/// The thresholds of kBlocks blocks of channels.
template <class Isa, int kBlocks>
class BlockThresholds {
 public:
  using Lanes = Floats<kLanes * kBlocks>;

  BlockThresholds(const Thresholds& thresholds, int block)
      : low_(load<Lanes>(thresholds.low + block * kLanes)),
        high_(load<Lanes>(thresholds.high + block * kLanes)),
        at_(block / 8 * 16 + block % 8) {
    std::memcpy(&rising_, thresholds.rising + block, sizeof rising_);
  }

  /// The bytes of these channels, among the sign words of a pixel and among its mask words. Words are
  /// little-endian.
  void pack(const Lanes& y, std::uint8_t* pixel) const {
    const auto below_low = static_cast<Bits>(~Isa::at_least(y, low_));
    const auto high = static_cast<Bits>(Isa::at_least(y, high_));
    // That all channels rise is usual, and spares what mixes the two.
    const auto sign = rising_ == static_cast<Bits>(-1)
                          ? below_low
                          : static_cast<Bits>((rising_ & below_low) | (~rising_ & high));
    const auto mask = static_cast<Bits>(below_low | high);
    std::memcpy(pixel + at_, &sign, sizeof sign);
    std::memcpy(pixel + at_ + 8, &mask, sizeof mask);
  }

 private:
  using Bits = std::conditional_t<kBlocks == 1, std::uint8_t, std::uint16_t>;
  static_assert(sizeof(Bits) == kBlocks);

  Lanes low_, high_;
  Bits rising_;
  int at_;
};

/// The terms of struct Epilogue for kBlocks blocks of filters.
template <int kBlocks>
class BlockTerms {
 public:
  using Lanes = Floats<kLanes * kBlocks>;

  BlockTerms(const Epilogue& e, int block)
      : scale_(load<Lanes>(e.scale + block * kLanes)),
        mean_(load<Lanes>(e.mean + block * kLanes)),
        gain_(load<Lanes>(e.gain + block * kLanes)),
        beta_(load<Lanes>(e.beta + block * kLanes)),
        slope_(load<Lanes>(e.slope + block * kLanes)) {}

  Lanes stream(const Ints<kLanes * kBlocks>& z, const Lanes& shortcut) const {
    const Lanes centred = scale_ * __builtin_convertvector(z, Lanes) - mean_;
    const Lanes u = (centred * gain_ + beta_) + shortcut;
    const Lanes negative = slope_ * u;
    return u > 0 ? u : negative;
  }

 private:
  Lanes scale_, mean_, gain_, beta_, slope_;
};

template <class Isa>
class FusedSink {
 public:
  FusedSink(const ConvolutionShape& shape, const Epilogue& epilogue, const float* shortcut, float* y,
            const PackedOutput& next)
      : epilogue_(epilogue),
        filters_(shape.filters),
        width_(shape.output_width()),
        shortcut_(shortcut),
        y_(y),
        next_(next) {}

  void begin(const PixelStrip& strip) {
    if (next_.words == nullptr) return;
    const PackedImage image(next_, width_, filters_);
    list_pixels(strip.first, strip.count, width_, image.first_pixel, image.row_bytes, image.pixel_bytes,
                packed_);
  }

  template <int kPixels, int kBlocks>
  void take(const PixelStrip& strip, int first, int block,
            const Ints<kLanes * kBlocks> (&sums)[kPixels]) const {
    constexpr int kCount = kLanes * kBlocks;
    const int count = channels_from(block, filters_, kCount);
    if (count == kCount) {
      finish<kPixels, kBlocks>(strip, first, block, sums, std::integral_constant<int, kCount>());
    } else {
      finish<kPixels, kBlocks>(strip, first, block, sums, count);
    }
  }

  /// sums(p), of kBlocks blocks and each pixel of a strip: the terms of the filters stay in registers.
  template <int kBlocks, class Sums>
  void take_strip(const PixelStrip& strip, int block, const Sums& sums) const {
    constexpr int kCount = kLanes * kBlocks;
    const int count = channels_from(block, filters_, kCount);
    if (count == kCount) {
      finish_strip<kBlocks>(strip, block, sums, std::integral_constant<int, kCount>());
    } else {
      finish_strip<kBlocks>(strip, block, sums, count);
    }
  }

 private:
  template <int kBlocks, class Sums, class Count>
  void finish_strip(const PixelStrip& strip, int block, const Sums& sums, Count count) const {
    using Lanes = Floats<kLanes * kBlocks>;
    const BlockTerms<kBlocks> terms(epilogue_, block);
    const std::ptrdiff_t at = std::ptrdiff_t{strip.first} * filters_ + block * kLanes;
    const float* shortcut = shortcut_ + at;
    float* to = y_ + at;
    const auto stream = [&](int p) {
      const Lanes y = terms.stream(sums(p), load<Lanes>(shortcut, count));
      store(y, count, to);
      shortcut += filters_, to += filters_;
      return y;
    };
    if (next_.words == nullptr) {
      for (int p = 0; p < strip.count; ++p) stream(p);
      return;
    }
    const BlockThresholds<Isa, kBlocks> thresholds(next_.thresholds, block);
    for (int p = 0; p < strip.count; ++p) thresholds.pack(stream(p), packed_[p]);
  }

  /// `count` filters of the blocks, which is best known to the compiler.
  template <int kPixels, int kBlocks, class Count>
  void finish(const PixelStrip& strip, int first, int block, const Ints<kLanes * kBlocks> (&sums)[kPixels],
              Count count) const {
    using Lanes = Floats<kLanes * kBlocks>;
    const BlockTerms<kBlocks> terms(epilogue_, block);
    std::ptrdiff_t at = std::ptrdiff_t{strip.first + first} * filters_ + block * kLanes;
    Lanes y[kPixels];
#pragma GCC unroll 8
    for (int p = 0; p < kPixels; ++p, at += filters_) {
      // A strip ahead: filters are taken by blocks, so the next pixels' lines are too far apart for the
      // hardware to see them coming.
      __builtin_prefetch(shortcut_ + at + Strip::kSize * filters_, 1);
      y[p] = terms.stream(sums[p], load<Lanes>(shortcut_ + at, count));
      store(y[p], count, y_ + at);
    }
    if (next_.words == nullptr) return;
    const BlockThresholds<Isa, kBlocks> thresholds(next_.thresholds, block);
#pragma GCC unroll 8
    for (int p = 0; p < kPixels; ++p) thresholds.pack(y[p], packed_[first + p]);
  }

  Epilogue epilogue_;
  int filters_, width_;
  const float* shortcut_;
  float* y_;
  PackedOutput next_;
  std::uint8_t* packed_[Strip::kSize];
};

/// Condensed windows of a strip (condense.h).
class CondensedWindows {
 public:
  void condense(const ConvolutionShape& shape, const Condensing& by, Strip& strip) {
    const std::ptrdiff_t words = std::ptrdiff_t{by.words} * shape.kernel_height;
    Pair* to = pairs_;
    for (int row = 0; row < shape.kernel_height; ++row) {
      for (int word = 0; word < by.words; ++word, ++to) {
        const std::ptrdiff_t from = row * strip.row_words + std::ptrdiff_t{2} * word * by.taps;
        if (by.taps == 3) {
          gather(strip, from, std::integral_constant<int, 3>(), by.pixel_bits, to, words);
        } else {
          gather(strip, from, by.taps, by.pixel_bits, to, words);
        }
      }
    }
    for (int p = 0; p < strip.count; ++p)
      strip.windows[p] = reinterpret_cast<const std::uint64_t*>(pairs_ + p * words);
    strip.row_words = std::ptrdiff_t{2} * by.words;
  }

 private:
  using Pair = typename VectorOf<std::uint64_t, 2>::Type;

  /// One pair of words of each window; `taps` is best known to the compiler.
  template <class Count>
  static void gather(const Strip& strip, std::ptrdiff_t from, Count taps, int pixel_bits, Pair* to,
                     std::ptrdiff_t step) {
    for (int p = 0; p < strip.count; ++p, to += step) {
      const std::uint64_t* pixel = strip.windows[p] + from;
      Pair pair = load<Pair>(pixel);
      for (int i = 1; i < taps; ++i) pair |= load<Pair>(pixel + 2 * i) << i * pixel_bits;
      *to = pair;
    }
  }

  Pair pairs_[Strip::kSize * kMaxCondensed];
};

/// Rows [first_row, last_row) of the output; the filters of `shape` are ternary.
template <class Isa, class Sink>
void convolve_ternary_rows(const ConvolutionShape& shape, const std::uint64_t* x,
                           const std::uint64_t* weights, int first_row, int last_row, Sink sink) {
  const Condensing condensing(shape);
  const ConvolutionShape computed = condensed(shape);
  CondensedWindows windows;
  const int last = last_row * shape.output_width();
  for (int first = first_row * shape.output_width(); first < last; first += Isa::kStripPixels) {
    Strip strip(shape, x, first, last - first < Isa::kStripPixels ? last - first : Isa::kStripPixels);
    if (condensing.taps > 1) windows.condense(shape, condensing, strip);
    sink.begin(strip);
    Isa::convolve_strip(computed, strip, weights, sink);
  }
}

template <class Isa, class Sink>
void convolve_rows(const ConvolutionShape& shape, const std::uint64_t* x, const std::uint64_t* weights,
                   int first_row, int last_row, const Sink& sink) {
  // By its type: with -fsanitize=undefined GCC 12 takes no address for a constant.
  if constexpr (!std::is_null_pointer_v<std::remove_const_t<decltype(Isa::kPixelLanes)>>) {
    if (Isa::kPixelLanes->wants(shape)) {
      return Isa::convolve_lanes(shape, x, weights, first_row, last_row, sink);
    }
  }
  if (shape.planes == 1) return convolve_ternary_rows<Isa>(shape, x, weights, first_row, last_row, sink);
  ConvolutionShape ternary = shape;
  ternary.filters = shape.plane_filters();
  convolve_ternary_rows<Isa>(ternary, x, weights, first_row, last_row, PlanesSink<Sink>(sink));
}

template <class Isa, class Element>
void convolve_integers(const ConvolutionShape& shape, const std::uint64_t* x, const std::uint64_t* weights,
                       int first_row, int last_row, Element* z) {
  convolve_rows<Isa>(shape, x, weights, first_row, last_row, IntegerSink<Element>{shape.filters, z});
}

template <class Isa>
void convolve_fused(const ConvolutionShape& shape, const std::uint64_t* x, const std::uint64_t* weights,
                    const Epilogue& epilogue, const float* shortcut, int first_row, int last_row, float* y,
                    const PackedOutput& next) {
  convolve_rows<Isa>(shape, x, weights, first_row, last_row,
                     FusedSink<Isa>(shape, epilogue, shortcut, y, next));
}

template <class Isa>
void ternarise(const float* y, int width, int channels, int first_row, int last_row,
               const PackedOutput& next) {
  const PackedImage image(next, width, channels);
  for (int block = 0; block * kLanes < channels; ++block) {
    const BlockThresholds<Isa, 1> thresholds(next.thresholds, block);
    const int count = channels_from(block, channels, kLanes);
    for (int row = first_row; row < last_row; ++row) {
      const float* from = y + std::ptrdiff_t{row} * width * channels + block * kLanes;
      std::uint8_t* pixel = image.first_pixel + row * image.row_bytes;
      for (int column = 0; column < width; ++column, from += channels, pixel += image.pixel_bytes) {
        thresholds.pack(load<Floats<kLanes>>(from, count), pixel);
      }
    }
  }
}

template <class Isa>
constexpr Kernels make_kernels(const char* name) {
  return {name,
          &Isa::weight_words,
          &Isa::arrange_weights,
          &convolve_integers<Isa, std::int16_t>,
          &convolve_integers<Isa, std::int32_t>,
          &convolve_fused<Isa>,
          &ternarise<Isa>,
          Isa::kPixelLanes};
}

}  // namespace
}  // namespace tern::packed
