#include "tern/distributed/agree.h"

#include <algorithm>
#include <array>
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

}  // namespace

std::vector<std::int64_t> gather(ProcessGroup& group, const std::vector<std::int64_t>& values) {
  const std::size_t count = values.size();
  std::vector<std::int64_t> all(count * static_cast<std::size_t>(group.size()));
  std::copy(values.begin(), values.end(), all.begin() + static_cast<std::ptrdiff_t>(count) * group.rank());
  // Recursive doubling: the blocks of 2, 4, ... ranks are known to all of them.
  for (int distance = 1; distance < group.size(); distance *= 2) {
    const int mine = group.rank() / distance * distance, theirs = mine ^ distance;
    group.exchange(group.rank() ^ distance, all.data() + count * static_cast<std::size_t>(mine),
                   all.data() + count * static_cast<std::size_t>(theirs),
                   count * static_cast<std::size_t>(distance) * sizeof(std::int64_t));
  }
  return all;
}

std::int64_t agree_on_largest(ProcessGroup& group, std::int64_t value) {
  const std::vector<std::int64_t> all = gather(group, {value});
  return *std::max_element(all.begin(), all.end());
}

void sum_integers(ProcessGroup& group, std::vector<std::int64_t>& values) {
  std::vector<std::int64_t> received(values.size());
  for (int distance = 1; distance < group.size(); distance *= 2) {
    group.exchange(group.rank() ^ distance, values.data(), received.data(),
                   values.size() * sizeof(std::int64_t));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += received[i];
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
