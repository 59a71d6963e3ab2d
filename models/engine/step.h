// A step of a plan: what it computes is fixed when the model is loaded, and running it allocates nothing.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tern/models/engine/activation_map.h"
#include "tern/models/engine/arena.h"
#include "tern/models/engine/image_rows.h"
#include "tern/models/engine/thread_team.h"

namespace tern::engine {

/// One image on its way through the plan.
struct Run {
  const ImageRows& image;
  const Arena& arena;
  float* logits;

  float* floats(const ActivationMap& map) const { return arena.at<float>(map.offset); }
  std::uint64_t* words(const PackedMap& map) const { return arena.at<std::uint64_t>(map.offset); }
};

/// Memory that a step reads or writes. If `parts` is not 0, it is cut into so many equal parts and each
/// member touches its share of them (Member::share_of) alone; otherwise it may touch anything.
struct Access {
  std::size_t begin, end;  // bytes of the arena
  int parts;
  bool writes;

  /// One must have ended in all threads before the other begins in any.
  bool conflicts(const Access& other) const {
    const bool overlap = begin < other.end && other.begin < end;
    const bool same_shares = begin == other.begin && end == other.end && parts == other.parts && parts != 0;
    return overlap && (writes || other.writes) && !same_shares;
  }
};

inline Access reads_all(const ActivationMap& map) {
  return {map.offset, map.offset + map.bytes(), 0, false};
}
inline Access reads_rows(const ActivationMap& map) {
  return {map.offset, map.offset + map.bytes(), map.height, false};
}
inline Access writes_rows(const ActivationMap& map) {
  return {map.offset, map.offset + map.bytes(), map.height, true};
}
/// For vectors.
inline Access reads_channels(const ActivationMap& map) {
  return {map.offset, map.offset + map.bytes(), map.channels, false};
}
inline Access writes_channels(const ActivationMap& map) {
  return {map.offset, map.offset + map.bytes(), map.channels, true};
}
inline Access reads_all(const PackedMap& map) {
  return {map.offset, map.offset + map.bytes(), 0, false};
}
inline Access writes_rows(const PackedMap& map) {
  return {map.offset, map.offset + map.bytes(), map.height, true};
}

class Step {
 public:
  virtual ~Step() = default;
  /// Computes this member's share.
  virtual void run(const Run& run, const Member& member) const = 0;
  /// The maps it touches; a thread's own scratch is not among them.
  virtual std::vector<Access> accesses() const = 0;
};

}  // namespace tern::engine
