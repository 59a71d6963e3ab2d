// Many tensors as one parameter of a kernel. A network has dozens of parameters, most of them small: a launch
// for each would take longer than their work.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "tern/kernels/cuda/device.cuh"

namespace tern::kernels::cuda {

constexpr std::size_t kParameterBytes = 4096;  // that a kernel may have

/// As many as fit beside a parameter of type Other.
template <class Pointers, class Other>
struct TensorGroup {
  static constexpr std::size_t kPadding = 16;  // at most, between and within the parameters
  static constexpr std::size_t kCapacity =
      (kParameterBytes - sizeof(Other) - sizeof(unsigned) - kPadding) / (sizeof(Pointers) + sizeof(unsigned));

  Pointers tensors[kCapacity];
  unsigned first_block[kCapacity + 1];  // of each tensor; behind the last, the number of blocks
};

template <class Pointers>
struct BlockOfTensor {
  const Pointers& tensor;
  unsigned block;  // its number among those of the tensor
};

/// What is the running block's.
template <class Pointers, class Other>
__device__ __forceinline__ BlockOfTensor<Pointers> find_tensor(const TensorGroup<Pointers, Other>& group) {
  int t = 0;
  while (blockIdx.x >= group.first_block[t + 1]) ++t;
  return {group.tensors[t], blockIdx.x - group.first_block[t]};
}

/// launch(group, blocks) for as many `tensors` at a time as fit; a tensor gets blocks_of(tensor) blocks.
template <class Other, class Pointers, class BlocksOf, class Launch>
void for_each_group(const std::vector<Pointers>& tensors, const BlocksOf& blocks_of, const Launch& launch) {
  using Group = TensorGroup<Pointers, Other>;
  static_assert(sizeof(Group) + sizeof(Other) <= kParameterBytes);
  for (std::size_t begin = 0; begin < tensors.size(); begin += Group::kCapacity) {
    const std::size_t count = std::min(tensors.size() - begin, Group::kCapacity);
    Group group{};
    for (std::size_t t = 0; t < count; ++t) {
      group.tensors[t] = tensors[begin + t];
      group.first_block[t + 1] = group.first_block[t] + blocks_of(group.tensors[t]);
    }
    if (const unsigned blocks = group.first_block[count]; blocks > 0) launch(group, blocks);
  }
}

}  // namespace tern::kernels::cuda
