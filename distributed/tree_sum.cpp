#include "tern/distributed/tree_sum.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "tern/distributed/agree.h"

namespace tern {
namespace {

SumPart half(SumPart part, bool upper) {
  constexpr std::size_t kAlignment = 64;
  const std::size_t middle = part.begin + part.size() / 2 / kAlignment * kAlignment;
  return upper ? SumPart{middle, part.end} : SumPart{part.begin, middle};
}

template <class Value>
class HostValues final : public TreeSumValues {
 public:
  HostValues(ProcessGroup& group, std::span<Value> values) : group_(group), values_(values) {}

  void exchange_and_add(int peer, SumPart sent, SumPart kept) override {
    const Value* received = exchange_parts(peer, sent, kept.size());
    for (std::size_t i = 0; i < kept.size(); ++i) values_[kept.begin + i] += received[i];
  }
  void exchange(int peer, SumPart sent, SumPart received) override {
    std::copy_n(exchange_parts(peer, sent, received.size()), received.size(),
                values_.begin() + static_cast<std::ptrdiff_t>(received.begin));
  }

 private:
  // Both sides call; parts may differ in size, so that the longer decides how many are sent.
  const Value* exchange_parts(int peer, SumPart sent, std::size_t received) {
    const std::size_t count = std::max(sent.size(), received);
    buffer_.assign(2 * count, Value{});
    std::copy_n(values_.begin() + static_cast<std::ptrdiff_t>(sent.begin), sent.size(), buffer_.begin());
    group_.exchange(peer, buffer_.data(), buffer_.data() + count, count * sizeof(Value));
    return buffer_.data() + count;
  }

  ProcessGroup& group_;
  std::span<Value> values_;
  std::vector<Value> buffer_;
};

// Of any number of ranks: each adds up what all have.
void sum_by_rank(ProcessGroup& group, std::vector<double>& values) {
  std::vector<std::int64_t> bits;
  for (const double value : values) bits.push_back(std::bit_cast<std::int64_t>(value));
  const std::vector<std::int64_t> all = gather(group, bits);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = std::bit_cast<double>(all[i]);
    for (std::size_t at = i + values.size(); at < all.size(); at += values.size()) {
      values[i] += std::bit_cast<double>(all[at]);
    }
  }
}

}  // namespace

void tree_sum(int rank, int ranks, std::size_t count, TreeSumValues& values) {
  std::vector<SumPart> parts{{0, count}};
  for (int distance = 1; distance < ranks; distance *= 2) {  // neighbours first, as in the tree
    const bool upper = (rank & distance) != 0;
    const SumPart kept = half(parts.back(), upper);
    values.exchange_and_add(rank ^ distance, half(parts.back(), !upper), kept);
    parts.push_back(kept);
  }
  for (int distance = ranks / 2; distance >= 1; distance /= 2) {
    const SumPart mine = parts.back();
    parts.pop_back();
    values.exchange(rank ^ distance, mine, half(parts.back(), (rank & distance) == 0));
  }
}

void tree_sum(ProcessGroup& group, std::span<float> values) {
  HostValues<float> on_host(group, values);
  tree_sum(group.rank(), group.size(), values.size(), on_host);
}

void tree_sum(ProcessGroup& group, std::vector<double>& values) {
  if (!std::has_single_bit(static_cast<unsigned>(group.size()))) return sum_by_rank(group, values);
  HostValues<double> on_host(group, values);
  tree_sum(group.rank(), group.size(), values.size(), on_host);
}

}  // namespace tern
