// Operators on single values, row by row; their results may lie where their inputs do.
#pragma once

#include <vector>

#include "tern/models/engine/model_reader.h"
#include "tern/models/engine/step.h"

namespace tern::engine {

/// Batch norm, PReLU, RPReLU, ReLU, hardtanh, and activations as floats.
class PointwiseStep final : public Step {
 public:
  PointwiseStep(ModelReader& model, const graph::Node& node, const ActivationMap& x,
                const ActivationMap& result);

  void run(const Run& run, const Member& member) const override;
  std::vector<Access> accesses() const override { return {reads_rows(x_), writes_rows(result_)}; }

 private:
  void run_pixel(const float* x, float* y) const;

  graph::Operator op_;
  ActivationMap x_, result_;
  NormTerms norm_;
  std::vector<float> slope_;
  std::vector<float> shift_, bias_;  // of an RPReLU
  std::vector<float> low_, high_;    // of a threshold activation
};

class AddStep final : public Step {
 public:
  AddStep(const ActivationMap& a, const ActivationMap& b, const ActivationMap& result)
      : a_(a), b_(b), result_(result) {}

  void run(const Run& run, const Member& member) const override;
  std::vector<Access> accesses() const override {
    return {reads_rows(a_), reads_rows(b_), writes_rows(result_)};
  }

 private:
  ActivationMap a_, b_, result_;
};

/// Zero channels behind the last.
class PadChannelsStep final : public Step {
 public:
  PadChannelsStep(const ActivationMap& x, const ActivationMap& result) : x_(x), result_(result) {}

  void run(const Run& run, const Member& member) const override;
  std::vector<Access> accesses() const override { return {reads_rows(x_), writes_rows(result_)}; }

 private:
  ActivationMap x_, result_;
};

}  // namespace tern::engine
