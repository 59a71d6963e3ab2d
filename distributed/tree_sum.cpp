#include "tern/distributed/tree_sum.h"

#include <algorithm>
#include <vector>

namespace tern {
namespace {

// A part of the values, [begin, end).
struct Part {
  std::size_t begin, end;

  std::size_t size() const { return end - begin; }
  Part half(bool upper) const {
    const std::size_t middle = begin + size() / 2;
    return upper ? Part{middle, end} : Part{begin, middle};
  }
};

// Both sides call; parts may differ by one value, so that the longer decides how many are sent.
void exchange_parts(ProcessGroup& group, int peer, std::span<float> values, Part sent,
                    std::span<float> received, std::vector<float>& buffer) {
  const std::size_t count = std::max(sent.size(), received.size());
  buffer.assign(2 * count, 0.0F);
  std::copy(values.begin() + static_cast<std::ptrdiff_t>(sent.begin),
            values.begin() + static_cast<std::ptrdiff_t>(sent.end), buffer.begin());
  group.exchange(peer, buffer.data(), buffer.data() + count, count * sizeof(float));
  std::copy_n(buffer.begin() + static_cast<std::ptrdiff_t>(count), received.size(), received.begin());
}

}  // namespace

void tree_sum(ProcessGroup& group, std::span<float> values) {
  const int rank = group.rank();
  std::vector<Part> parts{{0, values.size()}};
  std::vector<float> buffer, received;
  for (int distance = 1; distance < group.size(); distance *= 2) {  // neighbours first, as in the tree
    const bool upper = (rank & distance) != 0;
    const Part kept = parts.back().half(upper), sent = parts.back().half(!upper);
    received.resize(kept.size());
    exchange_parts(group, rank ^ distance, values, sent, received, buffer);
    for (std::size_t i = 0; i < kept.size(); ++i) values[kept.begin + i] += received[i];
    parts.push_back(kept);
  }
  for (int distance = group.size() / 2; distance >= 1; distance /= 2) {
    const Part mine = parts.back();
    parts.pop_back();
    const Part other = parts.back().half((rank & distance) == 0);
    exchange_parts(group, rank ^ distance, values, mine, values.subspan(other.begin, other.size()), buffer);
  }
}

}  // namespace tern
