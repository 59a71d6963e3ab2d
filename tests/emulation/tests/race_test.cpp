// A planted race as it shows without ThreadSanitizer, which finds more (sanitizer_test.cpp): the result
// depends on the order of the threads.
#ifndef __SANITIZE_THREAD__
#include <numeric>
#include <vector>

#include "emulation/grid.h"
#include "emulation/tests/reverse.h"
#include "tern/kernels/cuda/launch.cuh"
#include "tests/support/catch.h"

namespace tern::kernels::cuda {
namespace {

template <bool kBarrier>
std::vector<int> reversed(emulation::Order order) {
  emulation::set_order(order);
  std::vector<int> x(test::kReverseThreads);
  std::iota(x.begin(), x.end(), 0);
  TERN_LAUNCH(test::reverse_kernel<kBarrier>, {1, test::kReverseThreads}, x.data());
  return x;
}

TEST_CASE("emulation: a missing barrier shows in the result") {
  using emulation::Order;
  for (const Order order : {Order::forward, Order::reverse, Order::shuffled}) {
    CHECK(reversed<true>(order) == reversed<true>(Order::forward));
  }
  CHECK(reversed<false>(Order::forward) != reversed<true>(Order::forward));
  CHECK(reversed<false>(Order::reverse) != reversed<false>(Order::forward));
}

}  // namespace
}  // namespace tern::kernels::cuda
#endif
