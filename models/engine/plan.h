// A merged network as a list of steps on one arena: every shape, offset and constant is fixed when it is
// loaded, and running it allocates nothing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tern/models/engine/memory.h"
#include "tern/models/engine/model_reader.h"
#include "tern/models/engine/packing.h"
#include "tern/models/engine/step.h"

namespace tern::engine {

struct PlannedStep {
  std::string name;  // of the node whose operation it is
  std::unique_ptr<Step> step;
  bool barrier = false;  // all members must have done the steps before
};

class Plan {
 public:
  /// Takes every tensor of the model. `threads`: the most that will work on one image. Throws DataError
  /// naming the file and the node or tensor.
  Plan(ModelReader& model, int threads);

  const ArenaLayout& layout() const { return layout_; }
  const std::vector<PlannedStep>& steps() const { return steps_; }
  int classes() const { return classes_; }
  /// Images of 8 bits go through the first convolution as they are (stem_arithmetic.h).
  bool has_int16_stem() const { return has_int16_stem_; }
  /// Where the floats of the node of this name lie, and those of the packed activation; null if no step
  /// writes them.
  const ActivationMap* floats(const std::string& node) const;
  const PackedMap* packed(const std::string& node) const;

  /// What all members of a team call.
  void run(const Run& run, const Member& member) const;

 private:
  std::unique_ptr<Step> make(ModelReader& model, const Operation& operation, int threads);
  std::unique_ptr<Step> make_alone(ModelReader& model, const graph::Node& node, const Operation& operation,
                                   int threads);
  Packing packing(ModelReader& model, const Operation& operation) const;
  const graph::Node& node(int position) const { return graph_.nodes[static_cast<std::size_t>(position)]; }
  const ActivationMap& map(int position) const { return maps_.floats[static_cast<std::size_t>(position)]; }
  void set_barriers();

  graph::Graph graph_;
  int classes_;
  bool has_int16_stem_;
  ArenaLayout layout_;
  Maps maps_;
  std::vector<PlannedStep> steps_;
};

}  // namespace tern::engine
