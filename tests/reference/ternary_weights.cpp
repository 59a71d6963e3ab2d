#include "tests/reference/ternary_weights.h"

#include <algorithm>
#include <cmath>

namespace tern::reference {
namespace {

using kernels::WeightMethod;
using Values = std::vector<double>;

double sign(double w) {
  return w >= 0 ? 1 : -1;
}

float mean_magnitude(const Values& w) {
  double sum = 0;
  for (const double v : w) sum += std::abs(v);
  return static_cast<float>(sum / static_cast<double>(w.size()));
}

Values above(const Values& w, double threshold) {
  Values t;
  for (const double v : w) t.push_back(std::abs(v) > threshold ? sign(v) : 0);
  return t;
}

// Results of one filter, of which `scale` is known without G = dL/d(scale * T).
struct Filter {
  Values ternary, dw;
  double scale = 0, dlearned = 0;
};

Filter twn(const Values& w, const Values& g) {
  Filter f{above(w, 0.7F * mean_magnitude(w)), g};
  double kept = 0, count = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    kept += f.ternary[i] == 0 ? 0 : std::abs(w[i]);
    count += f.ternary[i] == 0 ? 0 : 1;
  }
  f.scale = count == 0 ? 0 : kept / count;
  return f;
}

Filter lsq(const Values& w, const Values& g) {
  const double s = 2 * mean_magnitude(w);
  Filter f{above(w, s / 2), {}, s};
  for (std::size_t i = 0; i < g.size(); ++i) {
    const bool inside = std::abs(w[i]) < s;
    f.dw.push_back(inside ? g[i] : 0);
    f.dlearned += g[i] * (inside ? f.ternary[i] - w[i] / s : f.ternary[i]);
  }
  f.dlearned /= std::sqrt(static_cast<double>(w.size()));
  return f;
}

double hat(double x) {
  return std::max(0.0, 1 - std::abs(x));
}

Filter threshold(const Values& w, const Values& g) {
  Filter f = twn(w, g);
  const double mean = mean_magnitude(w), delta = 0.7F * mean_magnitude(w);
  if (f.scale == 0) return f;
  for (std::size_t i = 0; i < g.size(); ++i) {
    f.dlearned += g[i] * (hat((w[i] + delta) / f.scale) - hat((w[i] - delta) / f.scale));
  }
  f.dlearned *= mean / std::sqrt(static_cast<double>(w.size()));
  return f;
}

Filter binary(const Values& w, const Values& g) {
  Filter f{above(w, -1), {}, mean_magnitude(w)};
  double mean = 0;
  for (std::size_t i = 0; i < g.size(); ++i) mean += sign(w[i]) * g[i] / static_cast<double>(w.size());
  for (std::size_t i = 0; i < g.size(); ++i) {
    f.dw.push_back((std::abs(w[i]) <= 1 ? f.scale * g[i] : 0) + sign(w[i]) * mean);
  }
  return f;
}

Filter of_filter(WeightMethod method, const Values& w, const Values& g) {
  if (method == WeightMethod::twn) return twn(w, g);
  if (method == WeightMethod::threshold) return threshold(w, g);
  return method == WeightMethod::lsq ? lsq(w, g) : binary(w, g);
}

void append(Values& to, const Values& values) {
  to.insert(to.end(), values.begin(), values.end());
}

}  // namespace

TernaryWeights ternary_weights(WeightMethod method, const Tensor& w, const Tensor& dt) {
  TernaryWeights result;
  const std::int64_t filters = w.dim(0), n = filters == 0 ? 0 : w.numel() / filters;
  for (std::int64_t o = 0; o < filters; ++o) {
    const float* first = w.data<float>() + o * n;
    const Values weights(first, first + n);
    Filter f = of_filter(method, weights, {});
    if (dt.defined()) {
      Values g;
      for (std::int64_t i = o * n; i < (o + 1) * n; ++i) {
        g.push_back(f.scale == 0 ? 0 : dt.data<float>()[i] / f.scale);
      }
      f = of_filter(method, weights, g);
    }
    append(result.ternary, f.ternary);
    append(result.dw, f.dw);
    result.scale.push_back(f.scale);
    if (learns_per_filter(method) && dt.defined()) result.dlearned.push_back(f.dlearned);
  }
  return result;
}

}  // namespace tern::reference
