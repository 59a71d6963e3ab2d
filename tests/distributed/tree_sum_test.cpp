#include "tern/distributed/tree_sum.h"

#include "tests/support/catch.h"
#include "tests/support/thread_group.h"

namespace tern {
namespace {

// Values whose sums are rounded, so that their order shows.
std::vector<float> values_of(int rank, std::size_t size) {
  std::vector<float> values(size);
  for (std::size_t i = 0; i < size; ++i) {
    values[i] = 1.0F / static_cast<float>(1 + (i * 37 + static_cast<std::size_t>(rank) * 101) % 1009);
  }
  return values;
}

float tree(int first, int count, std::size_t i, std::size_t size) {
  if (count == 1) return values_of(first, size)[i];
  return tree(first, count / 2, i, size) + tree(first + count / 2, count / 2, i, size);
}

TEST_CASE("tree sum: all ranks have the sums of a binary tree, to the bit") {
  const int ranks = GENERATE(1, 2, 4, 8);
  for (const std::size_t size : {0, 1, 2, 3, 7, 64, 97}) {
    INFO(ranks << " ranks, " << size << " values");
    std::vector<std::vector<float>> sums(static_cast<std::size_t>(ranks));
    test::on_ranks(ranks, [&](ProcessGroup& group) {
      std::vector<float> values = values_of(group.rank(), size);
      tree_sum(group, values);
      sums[static_cast<std::size_t>(group.rank())] = std::move(values);
    });
    std::vector<float> expected(size);
    for (std::size_t i = 0; i < size; ++i) expected[i] = tree(0, ranks, i, size);
    for (const auto& sum : sums) CHECK(sum == expected);
  }
}

TEST_CASE("tree sum: of doubles the same, and of three ranks in their order") {
  const int ranks = GENERATE(1, 2, 3, 4);
  std::vector<std::vector<double>> sums(static_cast<std::size_t>(ranks));
  test::on_ranks(ranks, [&](ProcessGroup& group) {
    const double third = 1.0 / 3;
    std::vector<double> values{third * (group.rank() + 1), group.rank() == 0   ? 1e300
                                                           : group.rank() == 1 ? -1e300
                                                                               : 1};
    tree_sum(group, values);
    sums[static_cast<std::size_t>(group.rank())] = std::move(values);
  });
  const auto value = [](int rank) { return 1.0 / 3 * (rank + 1); };
  const double of_two = value(0) + value(1);
  const std::vector<std::vector<double>> expected{
      {value(0), 1e300}, {of_two, 0}, {of_two + value(2), 1}, {of_two + (value(2) + value(3)), 2}};
  for (const auto& sum : sums) CHECK(sum == expected.at(static_cast<std::size_t>(ranks - 1)));
}

TEST_CASE("tree sum: the order shows in the values of these tests") {
  std::size_t differ = 0;
  for (std::size_t i = 0; i < 97; ++i) {
    float in_a_row = 0;
    for (int rank = 0; rank < 4; ++rank) in_a_row += values_of(rank, 97)[i];
    differ += in_a_row != tree(0, 4, i, 97) ? 1 : 0;
  }
  CHECK(differ > 10);
}

TEST_CASE("tree sum: each of R ranks sends 2 (R - 1) / R times the values, as in a ring") {
  for (const int ranks : {2, 4, 8}) {
    const std::size_t sent = test::on_ranks(ranks, [](ProcessGroup& group) {
      std::vector<float> values(1024);
      tree_sum(group, values);
    });
    CHECK(sent == 2 * static_cast<std::size_t>(ranks - 1) * 1024 * sizeof(float));
  }
}

}  // namespace
}  // namespace tern
