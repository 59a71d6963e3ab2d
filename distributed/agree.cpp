#include "tern/distributed/agree.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <exception>
#include <functional>

namespace tern {
namespace {

constexpr std::size_t kMessageBytes = 512;

std::string message_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an unknown error";
  }
}

// The messages of all, a fixed number of words each.
std::vector<std::int64_t> words_of(const std::string& message) {
  std::vector<std::int64_t> words(kMessageBytes / sizeof(std::int64_t));
  std::memcpy(words.data(), message.data(), std::min(message.size(), kMessageBytes - 1));
  return words;
}

bool is_power_of_two(int number) {
  return std::has_single_bit(static_cast<unsigned>(number));
}

// A tournament: each rank meets each other one, a different one in each round.
void meet_each(const ProcessGroup& group, const std::function<void(int)>& meet) {
  for (int round = 0; round < group.size(); ++round) {
    const int peer = (round - group.rank() + group.size()) % group.size();
    if (peer != group.rank()) meet(peer);
  }
}

}  // namespace

std::vector<std::int64_t> gather(ProcessGroup& group, const std::vector<std::int64_t>& values) {
  const std::size_t count = values.size();
  std::vector<std::int64_t> all(count * static_cast<std::size_t>(group.size()));
  std::copy(values.begin(), values.end(), all.begin() + static_cast<std::ptrdiff_t>(count) * group.rank());
  const auto exchange = [&](int peer, int mine, int theirs, int ranks) {
    group.exchange(peer, all.data() + count * static_cast<std::size_t>(mine),
                   all.data() + count * static_cast<std::size_t>(theirs),
                   count * static_cast<std::size_t>(ranks) * sizeof(std::int64_t));
  };
  const int rank = group.rank();
  if (!is_power_of_two(group.size())) {
    meet_each(group, [&](int peer) { exchange(peer, rank, peer, 1); });
    return all;
  }
  // Recursive doubling: the blocks of 2, 4, ... ranks are known to all of them.
  for (int distance = 1; distance < group.size(); distance *= 2) {
    const int mine = rank / distance * distance;
    exchange(rank ^ distance, mine, mine ^ distance, distance);
  }
  return all;
}

std::int64_t agree_on_largest(ProcessGroup& group, std::int64_t value) {
  const std::vector<std::int64_t> all = gather(group, {value});
  return *std::max_element(all.begin(), all.end());
}

void sum_integers(ProcessGroup& group, std::vector<std::int64_t>& values) {
  std::vector<std::int64_t> sent = values, received(values.size());
  const auto add_those_of = [&](int peer) {
    group.exchange(peer, sent.data(), received.data(), values.size() * sizeof(std::int64_t));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += received[i];
  };
  if (!is_power_of_two(group.size())) return meet_each(group, add_those_of);
  for (int distance = 1; distance < group.size(); distance *= 2) {
    sent = values;
    add_those_of(group.rank() ^ distance);
  }
}

void together(ProcessGroup& group, const std::function<void()>& body) {
  std::exception_ptr failure;
  try {
    body();
  } catch (...) {
    if (group.size() == 1) throw;
    failure = std::current_exception();
  }
  if (agree_on_largest(group, failure ? 1 : 0) == 0) return;
  group.set_failed_together();
  const std::vector<std::int64_t> own = words_of(failure ? message_of(failure) : "");
  const std::vector<std::int64_t> all = gather(group, own);
  if (failure) std::rethrow_exception(failure);
  for (int rank = 0; rank < group.size(); ++rank) {
    const std::int64_t* words = all.data() + own.size() * static_cast<std::size_t>(rank);
    const std::string message(reinterpret_cast<const char*>(words));
    if (!message.empty()) {
      throw PeerFailure(fmt::format("rank {} on {}: {}", rank, group.host(rank), message));
    }
  }
  throw PeerFailure("another rank has failed without a message");
}

void require_equal(ProcessGroup& group, const char* what, std::int64_t value) {
  const std::vector<std::int64_t> all = gather(group, {value});
  if (std::adjacent_find(all.begin(), all.end(), std::not_equal_to<>()) != all.end())
    group.set_failed_together();
  for (int rank = 1; rank < group.size(); ++rank) {
    require<ConfigError>(all[static_cast<std::size_t>(rank)] == all.front(),
                         "rank {} on {}: {} is another than that of rank 0 on {}; all ranks need the same",
                         rank, group.host(rank), what, group.host(0));
  }
}

}  // namespace tern
