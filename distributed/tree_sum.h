// Sums over ranks in an order that is that of a binary tree: with 4 ranks (r0 + r1) + (r2 + r3).
//
// By recursive halving and doubling (Thakur, Rabenseifner, Gropp: Optimization of Collective Communication
// Operations in MPICH, 2005), so that each rank sends 2 (R - 1) / R times the values, as in a ring. Unlike a
// ring, it adds every element in the same order. So a rank that adds up a power of two of shards as a tree
// itself gives what as many ranks of one shard give.
#pragma once

#include <span>
#include <vector>

#include "tern/distributed/process_group.h"

namespace tern {

/// Overwrites `values`, as many on all ranks, with their sums over the ranks, whose number is a power of two.
void tree_sum(ProcessGroup& group, std::span<float> values);

/// The same of doubles and of any number of ranks: if it is no power of two, in their order.
void tree_sum(ProcessGroup& group, std::vector<double>& values);

/// Some of the values, [begin, end).
struct SumPart {
  std::size_t begin, end;

  std::size_t size() const { return end - begin; }
};

/// What a tree sum does with values that are not the host's.
class TreeSumValues {
 public:
  virtual ~TreeSumValues() = default;
  /// Sends the part `sent` to `peer` and adds what comes from there to the part `kept`.
  virtual void exchange_and_add(int peer, SumPart sent, SumPart kept) = 0;
  /// Sends the part `sent` to `peer` and overwrites the part `received` with what comes from there.
  virtual void exchange(int peer, SumPart sent, SumPart received) = 0;
};

/// The same for `count` values. Parts begin at multiples of 64 values, aligned as memory of a device is.
void tree_sum(int rank, int ranks, std::size_t count, TreeSumValues& values);

}  // namespace tern
