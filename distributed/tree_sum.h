// Sums over ranks in an order that is that of a binary tree: with 4 ranks (r0 + r1) + (r2 + r3).
//
// By recursive halving and doubling (Thakur, Rabenseifner, Gropp: Optimization of Collective Communication
// Operations in MPICH, 2005), so that each rank sends 2 (R - 1) / R times the values, as in a ring. Unlike a
// ring, it adds every element in the same order. So a rank that adds up a power of two of shards as a tree
// itself gives what as many ranks of one shard give.
#pragma once

#include <span>

#include "tern/distributed/process_group.h"

namespace tern {

/// Overwrites `values`, as many on all ranks, with their sums over the ranks, whose number is a power of two.
void tree_sum(ProcessGroup& group, std::span<float> values);

}  // namespace tern
