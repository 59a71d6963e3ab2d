#include "tern/data/sampler.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

#include "tern/core/error.h"
#include "tests/support/catch.h"

namespace tern {
namespace {

std::vector<std::int64_t> ascending(std::int64_t size) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  return order;
}

TEST_CASE("sampler: without shuffling the order is ascending in every epoch") {
  const Sampler sampler(5, false, 1);
  CHECK(sampler.order(0) == ascending(5));
  CHECK(sampler.order(3) == ascending(5));
}

TEST_CASE("sampler: a shuffled epoch visits every sample once") {
  for (const std::int64_t size : {1, 2, 3, 1000}) {
    std::vector<std::int64_t> order = Sampler(size, true, 7).order(2);
    std::sort(order.begin(), order.end());
    CHECK(order == ascending(size));
  }
}

TEST_CASE("sampler: the order depends on seed and epoch alone") {
  const std::vector<std::int64_t> order = Sampler(100, true, 7).order(2);
  CHECK(Sampler(100, true, 7).order(2) == order);
  CHECK(Sampler(100, true, 8).order(2) != order);
  CHECK(Sampler(100, true, 7).order(3) != order);
  CHECK(order != ascending(100));
}

TEST_CASE("sampler: all permutations are equally frequent") {
  constexpr int kEpochs = 6000;
  std::array<int, 6> counts{};
  const Sampler sampler(3, true, 11);
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    const std::vector<std::int64_t> order = sampler.order(epoch);
    ++counts[static_cast<std::size_t>(order[0] * 2 + (order[1] > order[2] ? 1 : 0))];
  }
  // Binomial with n = 6000, p = 1/6: mean 1000, standard deviation 29; 5 of them either way.
  for (const int count : counts) CHECK(std::abs(count - kEpochs / 6) < 145);
}

TEST_CASE("sampler: a balanced epoch shows each class equally often, and each image before any twice") {
  // 2, 20 and no images of 3 classes: 11 places for each that has any.
  std::vector<std::vector<std::int64_t>> classes(3);
  for (std::int64_t i = 0; i < 22; ++i) classes[i < 2 ? 0 : 1].push_back(i);
  const Sampler sampler(classes, 7);
  for (std::int64_t epoch = 0; epoch < 4; ++epoch) {
    const std::vector<std::int64_t> order = sampler.order(epoch);
    REQUIRE(order.size() == 22);
    std::array<int, 22> counts{};
    for (const std::int64_t index : order) ++counts.at(static_cast<std::size_t>(index));
    CHECK(counts[0] + counts[1] == 11);
    CHECK(std::abs(counts[0] - counts[1]) == 1);
    CHECK(*std::max_element(counts.begin() + 2, counts.end()) == 1);
  }
  CHECK(sampler.order(1) == Sampler(classes, 7).order(1));
  CHECK(sampler.order(1) != sampler.order(2));
  CHECK(sampler.order(1) != Sampler(classes, 8).order(1));
}

TEST_CASE("sampler: what does not divide evenly goes to other classes from epoch to epoch") {
  const Sampler sampler({{0}, {1}, {2, 3}}, 7);  // 4 places for 3 classes
  std::array<int, 3> extra{};
  for (std::int64_t epoch = 0; epoch < 60; ++epoch) {
    std::array<int, 3> counts{};
    for (const std::int64_t index : sampler.order(epoch))
      ++counts.at(static_cast<std::size_t>(std::min<std::int64_t>(index, 2)));
    for (std::size_t c = 0; c < 3; ++c) extra[c] += counts[c] - 1;
  }
  CHECK(extra[0] + extra[1] + extra[2] == 60);
  for (const int count : extra) CHECK(count >= 6);  // 20 expected, standard deviation 3.7
}

TEST_CASE("sampler: refuses an empty data set and one beyond 32-bit indices") {
  CHECK_THROWS_AS(Sampler(0, true, 1), DataError);
  CHECK_THROWS_AS(Sampler({{}, {}}, 1), DataError);
  CHECK_THROWS_AS(Sampler(std::int64_t{std::numeric_limits<std::uint32_t>::max()} + 1, true, 1), DataError);
}

}  // namespace
}  // namespace tern
