#include "tern/models/engine/thread_team.h"

#include "tests/support/catch.h"

using namespace tern::engine;

TEST_CASE("thread team: a barrier separates the phases of all members, run after run") {
  for (const int threads : {1, 2, 5}) {
    ThreadTeam team(threads);
    CHECK(team.size() == threads);
    std::vector<int> written(static_cast<std::size_t>(threads));
    std::atomic<int> wrong{0};
    for (int round = 1; round <= 200; ++round) {
      team.run([&](const Member& member) {
        written[static_cast<std::size_t>(member.index)] = round;
        member.wait();
        for (const int value : written) wrong += value == round ? 0 : 1;
        member.wait();
      });
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("thread team: the shares of all members are the rows, in order, and differ by one at most") {
  for (const int rows : {0, 1, 7, 56}) {
    for (const int count : {1, 2, 3, 8}) {
      int next = 0;
      for (int i = 0; i < count; ++i) {
        const Member::Range range = Member{i, count, nullptr}.share_of(rows);
        CHECK(range.first == next);
        CHECK((range.last - range.first == rows / count || range.last - range.first == rows / count + 1));
        next = range.last;
      }
      CHECK(next == rows);
    }
  }
}
