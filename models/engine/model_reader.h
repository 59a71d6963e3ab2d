// A merged model file as plain arrays, for a reader that trusts nothing and has no tensors.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tern/core/byte_source.h"
#include "tern/core/safetensors_header.h"
#include "tern/layers/graph/graph.h"
#include "tern/models/engine/norm_terms.h"
#include "tern/models/model_metadata.h"
#include "tern/models/stem_arithmetic.h"

namespace tern::engine {

/// Reads the tensors of a merged network (model_file.h) one by one. Every error is a DataError that names the
/// file and the tensor or the metadata. Allocates for a tensor only once the file is known to have it in the
/// expected shape.
class ModelReader {
 public:
  /// Reads the metadata. `source` must outlive the reader.
  explicit ModelReader(const ByteSource& source);

  const std::string& name() const { return source_.name(); }
  /// Merged: no node has a method.
  const graph::Graph& graph() const { return graph_; }
  /// Nothing if the file does not say how its input is made and what its classes are called.
  const std::optional<ModelMetadata>& metadata() const { return metadata_; }
  /// If it is not floats, the file says how images are normalised.
  StemArithmetic stem() const { return stem_; }

  /// Finite numbers; scales and variances are not negative, either.
  std::vector<float> floats(const graph::Node& node, const char* role);
  /// The weight of a float convolution, OIHW in the file, as OHWI.
  std::vector<float> convolution_weights(const graph::Node& node);
  /// The weight of a ternary operator, values of its levels.
  std::vector<std::int8_t> ternary(const graph::Node& node);
  NormTerms batch_norm(const graph::Node& node);

  /// Refuses a file with tensors that nobody asked for.
  void finish() const;

 private:
  std::vector<float> floats(const std::string& name, const Shape& shape);
  const TensorInfo& take(const std::string& name, DType dtype, const Shape& shape);
  void check(const std::string& name, const std::vector<float>& values) const;
  void check_metadata() const;

  const ByteSource& source_;
  std::map<std::string, TensorInfo> tensors_;
  std::set<std::string> taken_;
  graph::Graph graph_;
  std::optional<ModelMetadata> metadata_;
  StemArithmetic stem_;
};

}  // namespace tern::engine
