// The order in which values of shards are added up: a binary tree.
//
//   sum of m shards = sum of the first half + sum of the second, if m is even; else in their order
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

namespace tern {

/// The sum of the values of `count` shards from `first` on. value(shard) gives one, by value, and is called
/// in the order of the shards; add(sum, earlier) does sum = earlier + sum.
template <class Value, class Add>
std::decay_t<std::invoke_result_t<Value, std::int64_t>> sum_of_shards(std::int64_t first, std::int64_t count,
                                                                      const Value& value, const Add& add) {
  if (count > 1 && count % 2 == 0) {
    const auto earlier = sum_of_shards(first, count / 2, value, add);
    auto sum = sum_of_shards(first + count / 2, count / 2, value, add);
    add(sum, earlier);
    return sum;
  }
  auto sum = value(first);
  for (std::int64_t shard = first + 1; shard < first + count; ++shard) {
    const auto earlier = std::exchange(sum, value(shard));
    add(sum, earlier);
  }
  return sum;
}

}  // namespace tern
