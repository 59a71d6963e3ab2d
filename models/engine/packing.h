#pragma once

#include "tern/kernels/cpu/packed/kernels.h"
#include "tern/models/engine/model_reader.h"
#include "tern/models/engine/step.h"

namespace tern::engine {

/// An activation as comparisons with the floats that it, or the batch norm before it, reads; and where its
/// bits go.
class Packing {
 public:
  Packing() = default;
  /// `norm` may be null. `activation` reads it, or else what is packed.
  Packing(ModelReader& model, const graph::Node* norm, const graph::Node& activation, const PackedMap& to);

  bool empty() const { return to_.channels == 0; }
  const PackedMap& to() const { return to_; }
  /// Packs nothing if this is empty.
  packed::PackedOutput output(const Run& run) const;
  /// For filters [first, ...) of the only pixel; `first` is a multiple of 64.
  packed::PackedOutput output_of_vector(const Run& run, int first) const;

 private:
  packed::ThresholdTable thresholds_;
  PackedMap to_;
};

}  // namespace tern::engine
