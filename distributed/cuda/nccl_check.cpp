// That the declarations in nccl.h are NVIDIA's, where its header is installed.
#if __has_include(<nccl.h>)
#include <nccl.h>

#include "tern/distributed/cuda/nccl.h"

namespace tern::nccl {
namespace {

#define TERN_SAME_FIELD(theirs, ours)                                       \
  static_assert(offsetof(ncclConfig_t, theirs) == offsetof(Config, ours) && \
                sizeof(ncclConfig_t::theirs) == sizeof(Config::ours))
TERN_SAME_FIELD(size, size);
TERN_SAME_FIELD(magic, magic);
TERN_SAME_FIELD(version, version);
TERN_SAME_FIELD(blocking, blocking);
TERN_SAME_FIELD(cgaClusterSize, cga_cluster_size);
TERN_SAME_FIELD(minCTAs, min_ctas);
TERN_SAME_FIELD(maxCTAs, max_ctas);
TERN_SAME_FIELD(netName, net_name);
TERN_SAME_FIELD(splitShare, split_share);
static_assert(sizeof(ncclUniqueId) == sizeof(UniqueId) && alignof(ncclUniqueId) == alignof(UniqueId));

template <class Theirs, class Ours>
constexpr bool same(Theirs theirs, Ours ours) {
  return static_cast<int>(theirs) == static_cast<int>(ours);
}
static_assert(same(ncclSuccess, Result::success) && same(ncclInProgress, Result::in_progress));
static_assert(same(ncclFloat32, DataType::float32) && same(ncclSum, Operation::sum));

}  // namespace
}  // namespace tern::nccl
#endif
