// The convolution by sums of two channels (pair_sums.h) with the vectors of an instruction set, `Vector`:
//   Bytes, kLanes     bytes of a vector, and how many
//   kBlocks           blocks of 8 filters whose sums a sink takes together
//   unpack_low<bits>(a, b), unpack_high<bits>(a, b)   elements of a and b in turn, of each 16 bytes the low
//                     half or the high one
//   join(low, high)   of two vectors of 32 bytes, if there are 64 lanes
//   widen(low, high)  of two blocks of 16-bit sums, if kBlocks is 2
#pragma once

#include "tern/kernels/cpu/packed/pair_sums_codes.h"

namespace tern::packed {
namespace {
namespace pair_sums_convolution {

template <class Vector>
inline typename Vector::Bytes all(int value) {
  return typename Vector::Bytes{} + static_cast<std::uint8_t>(value);
}

template <class Bytes>
using WordsOf = typename VectorOf<std::uint16_t, sizeof(Bytes) / 2>::Type;

/// Within words of 16 bits.
template <int kBits, class Bytes>
inline Bytes shifted_right(const Bytes& bytes) {
  return reinterpret_cast<Bytes>(reinterpret_cast<WordsOf<Bytes>>(bytes) >> kBits);
}
template <int kBits, class Bytes>
inline Bytes shifted_left(const Bytes& bytes) {
  return reinterpret_cast<Bytes>(reinterpret_cast<WordsOf<Bytes>>(bytes) << kBits);
}

/// The stored sums of a chunk.
template <class Vector>
class StoredSums {
 public:
  using Bytes = typename Vector::Bytes;

  StoredSums(const ConvolutionShape& shape, const Tiling& tiling)
      : rows_(tiling.input_rows),
        kernel_width_(shape.kernel_width),
        row_bytes_(pair_sums::sums_row_bytes(shape, Vector::kLanes)) {
    for (int row = 0; row < rows_; ++row) {
      put(all<Vector>(kBiases), sums_ + row * row_bytes_);
      put(Bytes{}, sums_ + row * row_bytes_ + Vector::kLanes);
    }
  }

  void make(const TileCodes<Vector>& codes) {
    codes.choose([&](auto stride, auto runs) { make_of<stride(), runs()>(codes); });
  }

  const std::uint8_t* data() const { return sums_; }

 private:
  static constexpr int kBiases = 17 * pair_sums::kBias;  // of both pixels
  static constexpr std::ptrdiff_t kCasesBytes = std::ptrdiff_t{pair_sums::kCases} * Vector::kLanes;

  template <int kStride, int kRuns>
  void make_of(const TileCodes<Vector>& codes) {
    const int rows = rows_, taps = kernel_width_;
    for (int row = 0; row < rows; ++row) {
      std::uint8_t* to = sums_ + row * row_bytes_ + taps * kCasesBytes;
      for (int pair = 0; pair < kPairs; ++pair) {
        for (int tap = 0; tap < taps; ++tap, to += kCasesBytes) {
          store_cases(codes.template of<kStride, kRuns>(pair, row, tap), to);
        }
      }
    }
  }

  static void put(const Bytes& bytes, std::uint8_t* to) { store(bytes, Vector::kLanes, to); }

  static void store_cases(const Bytes& codes, std::uint8_t* to) {
    const Bytes two_bits = all<Vector>(0x33), bias = all<Vector>(kBiases), twice = all<Vector>(2 * kBiases);
    const Bytes a = codes & two_bits, b = shifted_right<2>(codes) & two_bits;
    const Bytes minus_a = twice - a, plain_b = b - bias;
    put(a, to);
    put(minus_a, to + Vector::kLanes);
    put(b, to + 2 * Vector::kLanes);
    put(twice - b, to + 3 * Vector::kLanes);
    put(a + plain_b, to + 4 * Vector::kLanes);
    put(a - plain_b, to + 5 * Vector::kLanes);
    put(minus_a + plain_b, to + 6 * Vector::kLanes);
    put(minus_a - plain_b, to + 7 * Vector::kLanes);
  }

  int rows_, kernel_width_;
  std::ptrdiff_t row_bytes_;
  alignas(64) std::uint8_t sums_[pair_sums::max_row_taps(Vector::kLanes) * (1 + kPairs) * kCasesBytes];
};

/// Sums of a tile and all filters, in words.
template <class Vector>
class Totals {
 public:
  using Bytes = typename Vector::Bytes;

  explicit Totals(int rows) : rows_(rows) {}

  /// Where the weights of the next chunk begin.
  const std::uint16_t* add(const ConvolutionShape& shape, const StoredSums<Vector>& sums,
                           const std::uint16_t* weights, bool first) {
    switch (rows_) {
      case 1:
        return add_rows<1>(shape, sums, weights, first);
      case 2:
        return add_rows<2>(shape, sums, weights, first);
      case 3:
        return add_rows<3>(shape, sums, weights, first);
      default:
        return add_rows<4>(shape, sums, weights, first);
    }
  }

  /// The sums of pixel row `row` of all runs and of a block of 8 filters, in the order of kPlaces.
  void transpose(int row, int block, Bytes* to) const {
    for (int part = 0; part < 4; ++part) {
      Bytes twos[kBlock], fours[kBlock];
      const auto filter = [&](int i) -> const Bytes& {
        return totals_[(block * kBlock + i) * rows_ + row][part];
      };
      for (int i = 0; i < 4; ++i) {
        twos[i] = Vector::template unpack_low<16>(filter(2 * i), filter(2 * i + 1));       // pixels 0 to 3
        twos[i + 4] = Vector::template unpack_high<16>(filter(2 * i), filter(2 * i + 1));  // 4 to 7
      }
      for (int i = 0; i < kBlock; i += 2) {
        fours[i] = Vector::template unpack_low<32>(twos[i], twos[i + 1]);
        fours[i + 1] = Vector::template unpack_high<32>(twos[i], twos[i + 1]);
      }
      for (int i = 0; i < 4; ++i) {
        const int at = i / 2 * 4 + i % 2;
        *to++ = Vector::template unpack_low<64>(fours[at], fours[at + 2]);
        *to++ = Vector::template unpack_high<64>(fours[at], fours[at + 2]);
      }
    }
  }

 private:
  using Words = WordsOf<Bytes>;
  static constexpr int kBlock = packed::kLanes;

  template <int kRows>
  const std::uint16_t* add_rows(const ConvolutionShape& shape, const StoredSums<Vector>& sums,
                                const std::uint16_t* weights, bool first) {
    const std::uint8_t* rows[kRows];
    for (int r = 0; r < kRows; ++r) {
      rows[r] = sums.data() + r * shape.stride_height * pair_sums::sums_row_bytes(shape, Vector::kLanes);
      __asm__("" : "+r"(rows[r]));  // or GCC would make each address from the one before
    }
    const Words start =
        Words{} + static_cast<std::uint16_t>(-pair_sums::kBias * pair_sums::chunk_steps(shape) *
                                             pair_sums::chunks(shape));
    const Bytes nibble = all<Vector>(15);
    for (int filter = 0; filter < shape.filters; ++filter) {
      // Bytes: the sums of the pixels in high nibbles, and those of both pixels, modulo 256.
      Bytes second[kRows] = {}, both[kRows] = {};
      const std::uint16_t *offsets = weights + 1, *last = offsets + *weights;
      for (; offsets != last; offsets += pair_sums::kUnrolled) {
#pragma GCC unroll 4
        for (int step = 0; step < pair_sums::kUnrolled; step += pair_sums::kGroup) {
          const std::size_t a = offsets[step], b = offsets[step + 1], c = offsets[step + 2],
                            d = offsets[step + 3];
#pragma GCC unroll 4
          for (int r = 0; r < kRows; ++r) {
            const Bytes sum = load<Bytes>(rows[r] + a) + load<Bytes>(rows[r] + b) + load<Bytes>(rows[r] + c) +
                              load<Bytes>(rows[r] + d);
            both[r] += sum;
            second[r] += shifted_right<4>(sum) & nibble;
            // One row after the other, in place: GCC would spill and copy counters.
            __asm__ volatile("" : "+v"(both[r]), "+v"(second[r]));
          }
        }
      }
      weights = last;
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) {
        const Bytes sixteen = shifted_left<4>(second[r]) & ~nibble;
        Bytes* to = totals_[filter * kRows + r];
        widen(both[r] - sixteen, start, first, to);
        widen(second[r], start, first, to + 2);
      }
    }
    return weights;
  }

  static void widen(const Bytes& bytes, const Words& start, bool first, Bytes* to) {
    const auto add = [&](const Bytes& words, Bytes& total) {
      total = reinterpret_cast<Bytes>((first ? start : reinterpret_cast<Words>(total)) +
                                      reinterpret_cast<Words>(words));
    };
    add(Vector::template unpack_low<8>(bytes, Bytes{}), to[0]);
    add(Vector::template unpack_high<8>(bytes, Bytes{}), to[1]);
  }

  int rows_;
  // Of a filter and a row: of each 16 pixels in low nibbles the first 8, the others, then those in high
  // nibbles.
  Bytes totals_[pair_sums::kMaxFilterRows + kBlock * pair_sums::max_run_rows(Vector::kLanes)][4];
};

/// Where the sums of a pixel of a vector begin behind Totals::transpose, in eights of them.
template <int kLanes>
struct Places {
  constexpr Places() {
    for (int pixel = 0; pixel < 2 * kLanes; ++pixel) {
      const int part = pixel / kLanes * 2 + pixel / 8 % 2, sixteen = pixel % kLanes / 16;
      of[pixel] = static_cast<std::uint16_t>((part * 8 + pixel % 8) * (kLanes / 16) + sixteen);
    }
  }
  std::uint16_t of[2 * kLanes];
};
template <int kLanes>
constexpr Places<kLanes> kPlaces;

template <class Vector>
class TileSums {
 public:
  void transpose(const Totals<Vector>& totals, int row, int blocks) {
    for (int block = 0; block < blocks; ++block) totals.transpose(row, block, sums_[block]);
  }

  /// kBlocks blocks, from `block` on, of the pixels from `first` on, to a sink.
  template <int kBlocks, class Sink>
  void give(const PixelStrip& strip, int first, int block, const Sink& sink) const {
    const auto* sums = reinterpret_cast<const std::uint8_t*>(sums_[block]);
    const std::uint16_t* places = kPlaces<Vector::kLanes>.of + first;
    sink.template take_strip<kBlocks>(strip, block, [=](int p) {
      const std::uint8_t* from = sums + places[p] * sizeof(__m128i);
      if constexpr (kBlocks == 1) {
        return reinterpret_cast<Ints<packed::kLanes>>(_mm256_cvtepi16_epi32(load(from)));
      } else {
        return Vector::widen(load(from), load(from + sizeof sums_[0]));
      }
    });
  }

 private:
  static __m128i load(const std::uint8_t* from) {
    return _mm_load_si128(reinterpret_cast<const __m128i*>(from));
  }

  typename Vector::Bytes sums_[pair_sums::kMaxFilters / packed::kLanes][4 * packed::kLanes];
};

template <class Vector, class Sink>
void give_tile(const ConvolutionShape& shape, const Tiling& tiling, const Run* runs, int run_count,
               int last_row, const Totals<Vector>& totals, Sink& sink) {
  TileSums<Vector> sums;
  const int blocks = shape.filter_blocks(), width = shape.output_width();
  for (int row = 0; row < tiling.run_rows; ++row) {
    sums.transpose(totals, row, blocks);
    for (int k = 0; k < run_count; ++k) {
      const int y = runs[k].row + row, left = width - runs[k].column;
      if (y >= last_row) continue;
      const PixelStrip strip{y * width + runs[k].column, left < tiling.columns ? left : tiling.columns,
                             width};
      sink.begin(strip);
      const int first = k * tiling.columns;
      int block = 0;
      for (; block + Vector::kBlocks <= blocks; block += Vector::kBlocks) {
        sums.template give<Vector::kBlocks>(strip, first, block, sink);
      }
      if (block < blocks) sums.template give<1>(strip, first, block, sink);
    }
  }
}

/// Rows [first_row, last_row) of the output.
template <class Vector, class Sink>
void convolve(const ConvolutionShape& shape, const std::uint64_t* x, const std::uint64_t* weights,
              int first_row, int last_row, Sink sink) {
  if (first_row >= last_row) return;
  const Tiling tiling(shape, last_row - first_row, Vector::kLanes);
  TileCodes<Vector> codes(shape, tiling);
  StoredSums<Vector> sums(shape, tiling);
  Totals<Vector> totals(tiling.run_rows);
  for (int first = 0; first < tiling.runs; first += tiling.tile_runs()) {
    const int left = tiling.runs - first, run_count = left < tiling.tile_runs() ? left : tiling.tile_runs();
    Run runs[pair_sums::kMaxRuns];
    for (int k = 0; k < tiling.tile_runs(); ++k) {
      const int run = first + (k < run_count ? k : run_count - 1);  // what is beyond the last, that one again
      runs[k] = {first_row + run / tiling.across * tiling.run_rows, run % tiling.across * tiling.columns};
    }
    const auto* numbers = reinterpret_cast<const std::uint16_t*>(weights);
    for (int chunk = 0; chunk < pair_sums::chunks(shape); ++chunk) {
      if (chunk % 8 == 0) codes.split(x, runs, chunk / 8);
      codes.encode(chunk % 8);
      sums.make(codes);
      numbers = totals.add(shape, sums, numbers, chunk == 0);
    }
    give_tile(shape, tiling, runs, run_count, last_row, totals, sink);
  }
}

}  // namespace pair_sums_convolution
}  // namespace
}  // namespace tern::packed
