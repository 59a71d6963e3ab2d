#include "tern/distributed/agree.h"

#include "tests/support/catch.h"
#include "tests/support/thread_group.h"

namespace tern {
namespace {

using Catch::Contains;

// The message of what `body` throws on each rank, with its type before it; "" where it throws nothing.
std::vector<std::string> failures(int ranks, const std::function<void(ProcessGroup&)>& body) {
  std::vector<std::string> messages(static_cast<std::size_t>(ranks));
  test::on_ranks(ranks, [&](ProcessGroup& group) {
    std::string& message = messages[static_cast<std::size_t>(group.rank())];
    try {
      body(group);
    } catch (const DataError& error) {
      message = std::string("DataError: ") + error.what();
    } catch (const PeerFailure& error) {
      message = std::string("PeerFailure: ") + error.what();
    } catch (const ConfigError& error) {
      message = std::string("ConfigError: ") + error.what();
    }
  });
  return messages;
}

TEST_CASE("agree: all ranks have what all give, by rank, its largest and its sums") {
  for (const int ranks : {1, 2, 3, 4, 6, 8}) {
    std::vector<int> right(static_cast<std::size_t>(ranks), 0);
    test::on_ranks(ranks, [&](ProcessGroup& group) {
      const std::int64_t rank = group.rank();
      std::vector<std::int64_t> expected;
      for (std::int64_t r = 0; r < ranks; ++r) expected.insert(expected.end(), {10 * r, 10 * r + 1});
      std::vector<std::int64_t> sums{rank, -1};
      sum_integers(group, sums);
      const bool all = gather(group, {10 * rank, 10 * rank + 1}) == expected &&
                       agree_on_largest(group, rank == 1 ? 7 : -rank) == (ranks > 1 ? 7 : 0) &&
                       sums == std::vector<std::int64_t>{ranks * (ranks - 1) / 2, -ranks};
      right[static_cast<std::size_t>(group.rank())] = all ? 1 : 0;
    });
    CHECK(right == std::vector<int>(static_cast<std::size_t>(ranks), 1));
  }
}

TEST_CASE("together: what fails on one rank ends all, with its rank, host and message") {
  const auto messages = failures(4, [](ProcessGroup& group) {
    together(group, [&] { require<DataError>(group.rank() != 2, "b.jpg: no JPEG"); });
  });
  CHECK(messages[2] == "DataError: b.jpg: no JPEG");
  for (const int rank : {0, 1, 3}) {
    CHECK(messages[static_cast<std::size_t>(rank)] == "PeerFailure: rank 2 on host2: b.jpg: no JPEG");
  }
}

TEST_CASE("together: of several failures each rank has its own, what is long is cut") {
  const auto messages = failures(2, [](ProcessGroup& group) {
    together(group, [&] { throw DataError(std::string(2000, group.rank() == 0 ? 'a' : 'b')); });
  });
  CHECK(messages[0] == "DataError: " + std::string(2000, 'a'));
  CHECK(messages[1] == "DataError: " + std::string(2000, 'b'));
  const auto of_one = failures(2, [](ProcessGroup& group) {
    together(group, [&] { require<DataError>(group.rank() == 0, "{}", std::string(2000, 'b')); });
  });
  CHECK(of_one[0] == "PeerFailure: rank 1 on host1: " + std::string(511, 'b'));
}

TEST_CASE("together: where nothing fails, nothing is thrown") {
  CHECK(failures(4, [](ProcessGroup& group) { together(group, [] {}); }) == std::vector<std::string>(4));
}

TEST_CASE("agree: a rank whose value differs from that of rank 0 is named on all") {
  const auto messages = failures(
      4, [](ProcessGroup& group) { require_equal(group, "the configuration", group.rank() == 3 ? 5 : 4); });
  for (const std::string& message : messages) {
    CHECK(
        message ==
        "ConfigError: rank 3 on host3: the configuration is another than that of rank 0 on host0; all ranks "
        "need the same");
  }
  CHECK(failures(4, [](ProcessGroup& group) { require_equal(group, "x", 4); }) ==
        std::vector<std::string>(4));
}

}  // namespace
}  // namespace tern
