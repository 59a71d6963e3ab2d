#include "tern/core/parallel.h"

#include <numeric>
#include <vector>

#include "tern/core/random.h"
#include "tests/support/catch.h"
#include "tests/support/thread_count.h"

using tern::Chunks;
using tern::parallel_for;
using tern::test::ThreadCount;

namespace {

/// How often parallel_for visited each index of [0, size + 5) when asked for [5, size + 5).
std::vector<int> visits(std::int64_t size, std::int64_t grain) {
  std::vector<int> count(static_cast<std::size_t>(size + 5), 0);
  parallel_for(5, size + 5, grain, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) ++count[static_cast<std::size_t>(i)];
  });
  return count;
}

/// A sum whose rounding depends on the order of its terms, reduced over Chunks.
float chunked_sum(const std::vector<float>& values) {
  const Chunks chunks(static_cast<std::int64_t>(values.size()), 100);
  std::vector<float> partial(static_cast<std::size_t>(chunks.count()));
  parallel_for(0, chunks.count(), 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t chunk = first; chunk < last; ++chunk) {
      partial[static_cast<std::size_t>(chunk)] =
          std::accumulate(values.begin() + chunks.begin(chunk), values.begin() + chunks.end(chunk), 0.0F);
    }
  });
  return std::accumulate(partial.begin(), partial.end(), 0.0F);
}

}  // namespace

TEST_CASE("parallel: every index is visited once, whatever size, grain and number of threads") {
  for (const int threads : {1, 2, 3, 8}) {
    const ThreadCount scope(threads);
    for (const std::int64_t size : {0, 1, 2, 7, 8, 9, 1000}) {
      for (const std::int64_t grain : {0, 1, 3, 1000, 5000}) {
        INFO(threads << " threads, size " << size << ", grain " << grain);
        std::vector<int> expected(static_cast<std::size_t>(size + 5), 1);
        std::fill_n(expected.begin(), 5, 0);
        CHECK(visits(size, grain) == expected);
      }
    }
  }
}

TEST_CASE("parallel: a range up to the grain is not divided") {
  const ThreadCount scope(8);
  std::vector<std::pair<std::int64_t, std::int64_t>> ranges;
  parallel_for(3, 13, 10, [&](std::int64_t first, std::int64_t last) { ranges.emplace_back(first, last); });
  CHECK(ranges == std::vector<std::pair<std::int64_t, std::int64_t>>{{3, 13}});
  parallel_for(5, 2, 1, [&](std::int64_t, std::int64_t) { FAIL("an empty range has no body to call"); });
}

TEST_CASE("parallel: a longer range runs on several threads") {
  const ThreadCount scope(3);
  std::vector<int> thread_of(30, -1);
  parallel_for(0, 30, 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) thread_of[static_cast<std::size_t>(i)] = omp_get_thread_num();
  });
  CHECK(thread_of[0] != thread_of[29]);
}

TEST_CASE("parallel: a loop within a loop runs on its caller's thread") {
  const ThreadCount scope(3);
  std::vector<int> calls(3, 0);
  parallel_for(0, 3, 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      parallel_for(0, 100, 1, [&](std::int64_t, std::int64_t) { ++calls[static_cast<std::size_t>(i)]; });
    }
  });
  CHECK(calls == std::vector<int>{1, 1, 1});
}

TEST_CASE("parallel: chunks cover the range in order and their number does not depend on threads") {
  for (const std::int64_t size : {0, 1, 99, 100, 6399, 6400, 100001}) {
    const Chunks chunks(size, 100);
    INFO("size " << size);
    CHECK(chunks.count() >= 1);
    CHECK(chunks.count() <= 64);
    CHECK(chunks.begin(0) == 0);
    CHECK(chunks.end(chunks.count() - 1) == size);
    for (std::int64_t i = 1; i < chunks.count(); ++i) CHECK(chunks.begin(i) == chunks.end(i - 1));
    const ThreadCount scope(7);
    CHECK(Chunks(size, 100).count() == chunks.count());
  }
}

TEST_CASE("parallel: a chunked reduction gives the same bits for any number of threads") {
  std::vector<float> values(100003);
  tern::Random random(1, tern::RandomPurpose::test);
  for (float& value : values) value = random.normal(0, 1);
  const ThreadCount one(1);
  const float expected = chunked_sum(values);
  // The sum must be one whose bits depend on the order, or equality below would say nothing.
  REQUIRE(expected != std::accumulate(values.begin(), values.end(), 0.0F));
  for (const int threads : {2, 3, 8}) {
    const ThreadCount scope(threads);
    CHECK(chunked_sum(values) == expected);
  }
}
