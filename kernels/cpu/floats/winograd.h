// Minimal filtering F(4, 4): four outputs of a filter of four taps with seven products instead of sixteen.
//
//   y = A [(G g) * (B d)]   d: 7 inputs, g: 4 taps, y_i = sum_j g_j d_(i+j)
//
// (Winograd, "Arithmetic Complexity of Computations", 1980; Lavin and Gray, CVPR 2016.) The points are 0, 1,
// -1, 2, -2, 1/2 and infinity, so A and B are exact in floats.
#pragma once

namespace tern::floats::winograd {

inline constexpr int kOutputs = 4, kTaps = 4, kPoints = kOutputs + kTaps - 1;

struct Matrices {
  double output[kOutputs][kPoints] = {};  // A
  double filter[kPoints][kTaps] = {};     // G
  double input[kPoints][kPoints] = {};    // B
};

/// The construction of Cook and Toom: polynomials are multiplied by their values at the points.
constexpr Matrices make_matrices() {
  constexpr int kFinite = kPoints - 1;
  constexpr double kNodes[kFinite] = {0, 1, -1, 2, -2, 0.5};
  Matrices m;
  for (int p = 0; p < kFinite; ++p) {
    double others = 1;                 // product of the distances to the other points
    double polynomial[kPoints] = {1};  // product of (x - node) over the other points
    int degree = 0;
    for (int q = 0; q < kFinite; ++q) {
      if (q == p) continue;
      others *= kNodes[p] - kNodes[q];
      for (int i = ++degree; i >= 0; --i) {
        polynomial[i] = (i > 0 ? polynomial[i - 1] : 0) - kNodes[q] * (i < degree ? polynomial[i] : 0);
      }
    }
    double power = 1;
    for (int i = 0; i < kPoints; ++i, power *= kNodes[p]) {
      m.input[p][i] = polynomial[i];
      if (i < kTaps) m.filter[p][i] = power / others;
      if (i < kOutputs) m.output[i][p] = power;
    }
  }
  // Infinity: the highest coefficients, and the polynomial that is zero at all other points.
  m.filter[kFinite][kTaps - 1] = m.output[kOutputs - 1][kFinite] = 1;
  m.input[kFinite][0] = 1;
  for (int q = 0; q < kFinite; ++q) {
    for (int i = q + 1; i >= 0; --i) {
      m.input[kFinite][i] =
          (i > 0 ? m.input[kFinite][i - 1] : 0) - kNodes[q] * (i <= q ? m.input[kFinite][i] : 0);
    }
  }
  return m;
}

inline constexpr Matrices kMatrices = make_matrices();

/// The same for integers: B doubled, which makes it whole, so that the transform of 8-bit pixels is exact and
/// has at most 13 bits; and at each point another unit for the transformed filter, a power of two. They are
/// chosen so that the filters' roundings, as large as the inputs allow at the worst, weigh about the same in
/// the outputs.
constexpr Matrices make_integer_matrices() {
  constexpr double kUnits[kPoints] = {0.5, 1, 0.5, 0.25, 0.125, 0.5, 1}, kInput = 2;
  Matrices m = kMatrices;
  for (int p = 0; p < kPoints; ++p) {
    for (double& factor : m.input[p]) factor *= kInput;
    for (double& factor : m.filter[p]) factor /= kUnits[p];
    for (auto& output : m.output) output[p] *= kUnits[p] / kInput;
  }
  return m;
}

inline constexpr Matrices kIntegerMatrices = make_integer_matrices();

}  // namespace tern::floats::winograd
