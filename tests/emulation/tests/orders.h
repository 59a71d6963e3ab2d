// Runs a test case in each order of the threads.
#pragma once

#include "emulation/grid.h"
#include "tests/support/catch.h"

namespace tern::test {

inline void each_thread_order() {
  using emulation::Order;
  emulation::set_order(GENERATE(Order::forward, Order::reverse, Order::shuffled));
}

}  // namespace tern::test
