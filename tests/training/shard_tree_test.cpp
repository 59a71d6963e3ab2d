#include "tern/training/shard_tree.h"

#include <string>

#include "tests/support/catch.h"

namespace tern {
namespace {

std::string sum(std::int64_t first, std::int64_t count) {
  return sum_of_shards(
      first, count, [](std::int64_t shard) { return std::to_string(shard); },
      [](std::string& later, const std::string& earlier) { later = "(" + earlier + "+" + later + ")"; });
}

TEST_CASE("sum of shards: halves where their number is even, else in their order") {
  CHECK(sum(0, 1) == "0");
  CHECK(sum(2, 2) == "(2+3)");
  CHECK(sum(0, 3) == "((0+1)+2)");
  CHECK(sum(0, 4) == "((0+1)+(2+3))");
  CHECK(sum(4, 6) == "(((4+5)+6)+((7+8)+9))");
}

TEST_CASE("sum of shards: that of a half is part of that of the whole") {
  CHECK(sum(0, 8) == "(" + sum(0, 4) + "+" + sum(4, 4) + ")");
}

}  // namespace
}  // namespace tern
