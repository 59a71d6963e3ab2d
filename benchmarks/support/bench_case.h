// What tern-bench measures. A case is one piece of work; its implementations do that work in different ways.
//
// A file benchmarks/.../x_bench.cpp declares its cases by a static object:
//
//   std::vector<Case> cases(Scale scale) { ... }
//   const CaseGroup kGroup("op/relu", &cases);
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tern/benchmarks/support/peak.h"
#include "tern/core/device.h"

namespace tern::bench {

/// Sets of buffers of an implementation. Runs take them in turn: in a network, too, an operation's data come
/// from wherever the layers in between have left them, and not from the nearest cache.
constexpr std::size_t kSlots = 3;

/// `small` problems only show that a case works; nothing can be learnt from their times.
enum class Scale : std::uint8_t { full, small };

struct Implementation {
  std::string name;  ///< "tern", "onednn_int8"
  Peak peak{};       ///< What bounds it.
  double bytes = 0;  ///< Read and written by a run, everything once.
  /// Does the work on the buffers of a slot, 0 <= slot < kSlots; on a GPU it may return before the end.
  std::function<void(std::size_t slot)> run;
  /// Called after the first run, that of slot 0: an empty string, or what is wrong with its result.
  std::function<std::string()> verify;
  std::string skipped = {};  ///< Why this cannot run here, and has but a name; empty otherwise.
  /// What does the work, where the CPU or cuDNN chooses: "avx2", "jit:avx2", "engine 12, workspace 0.0 MB".
  std::string code = {};
};

struct Case {
  std::string name;   ///< "layer/56x56x64-64x3x3s1/batch1"; what --filter is matched with.
  std::string shape;  ///< Of the operands.
  std::int64_t batch = 1;
  double macs = 0;  ///< Multiply-accumulates of a run; 0 where memory is all that counts.
  /// Makes buffers and expected results: not before the case is measured.
  std::function<std::vector<Implementation>(Device)> prepare;
};

class CaseGroup {
 public:
  using Make = std::vector<Case> (*)(Scale);

  /// Groups are listed by name. `in_default_set`: measured also where no --filter asks for it.
  CaseGroup(const char* name, Make make, bool in_default_set = false);
};

/// The cases of all groups, or of those in the default set.
std::vector<Case> cases(Scale scale, bool only_default_set);

}  // namespace tern::bench
