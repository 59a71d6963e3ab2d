// What goes from one form into another: the image into a map, floats into bits, a vector into the logits.
#pragma once

#include <vector>

#include "tern/models/engine/packing.h"

namespace tern::engine {

/// For operators other than the stem that read the image.
class ImageStep final : public Step {
 public:
  explicit ImageStep(const ActivationMap& result) : result_(result) {}
  void run(const Run& run, const Member& member) const override;
  std::vector<Access> accesses() const override { return {writes_rows(result_)}; }

 private:
  ActivationMap result_;
};

class TernariseStep final : public Step {
 public:
  TernariseStep(const ActivationMap& x, Packing packing) : x_(x), packing_(std::move(packing)) {}
  void run(const Run& run, const Member& member) const override;
  std::vector<Access> accesses() const override { return {reads_rows(x_), writes_rows(packing_.to())}; }

 private:
  ActivationMap x_;
  Packing packing_;
};

class LogitsStep final : public Step {
 public:
  explicit LogitsStep(const ActivationMap& x) : x_(x) {}
  int classes() const { return x_.channels; }
  void run(const Run& run, const Member& member) const override;
  std::vector<Access> accesses() const override { return {reads_channels(x_)}; }

 private:
  ActivationMap x_;
};

}  // namespace tern::engine
