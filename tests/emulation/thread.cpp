#include "emulation/thread.h"

#include <cuda_runtime.h>

#include "emulation/block.h"
#include "emulation/device_limits.h"
#include "emulation/sanitizers.h"

namespace tern::emulation {
namespace {

// All that came before the barrier in any of its threads comes before all that follows in any.
void wait_and_order_memory(Barrier& barrier, Site site) {
  void* const order = barrier.order(barrier.phase());
  release(order);
  Block::running().wait(barrier, site);
  acquire(order);
}

}  // namespace

void sync_block(Site site) {
  wait_and_order_memory(Block::running().block_barrier(), site);
}

void sync_warp(Site site) {
  wait_and_order_memory(Block::running().warp().barrier, site);
}

const WarpValues& exchange_in_warp(const LaneValue& value, Site site) {
  Block& block = Block::running();
  Block::Warp& warp = block.warp();
  WarpValues& values = warp.values[warp.barrier.phase() % 2];
  values.lanes[lane()] = value;
  block.wait(warp.barrier, site);
  return values;
}

int lane() {
  return static_cast<int>(Block::running().thread().number) % kWarpSize;
}

void issue_copy(const AsyncCopy& copy) {
  Block::running().thread().copies.issue(copy);
}

void commit_copies() {
  Block::running().thread().copies.commit();
}

bool take_due_copy(int pending, AsyncCopy& copy) {
  return Block::running().thread().copies.take_due(pending, copy);
}

void* shared_array(const void* declaration, std::size_t bytes) {
  return Block::running().shared().array(declaration, bytes);
}

unsigned char* dynamic_shared() {
  return Block::running().shared().dynamic();
}

}  // namespace tern::emulation
