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
#include "tern/models/model_metadata.h"
#include "tern/models/resnet_config.h"

namespace tern::engine {

/// A batch norm in evaluation, t = (x - mean) * gain + beta with gain = gamma / sqrt(variance + eps).
struct NormTerms {
  std::vector<float> mean, gain, beta;
};

/// Reads the tensors of a merged network (model_file.h) one by one. Every error is a DataError that names the
/// file and the tensor or the metadata. Allocates for a tensor only once the file is known to have it in the
/// expected shape.
class ModelReader {
 public:
  /// Reads the metadata. `source` must outlive the reader.
  explicit ModelReader(const ByteSource& source);

  const std::string& name() const { return source_.name(); }
  const ResNetConfig& config() const { return config_; }
  /// Nothing if the file does not say how its input is made and what its classes are called.
  const std::optional<ModelMetadata>& metadata() const { return metadata_; }

  /// Finite numbers; scales and variances are not negative, either.
  std::vector<float> floats(const std::string& name, const Shape& shape);
  /// "<name>.trits", values in {-1, 0, +1}.
  std::vector<std::int8_t> ternary(const std::string& name, const Shape& shape);
  NormTerms batch_norm(const std::string& name, std::int64_t channels);

  /// Refuses a file with tensors that nobody asked for.
  void finish() const;

 private:
  const TensorInfo& take(const std::string& name, DType dtype, const Shape& shape);
  void check(const std::string& name, const std::vector<float>& values) const;
  void check_metadata() const;

  const ByteSource& source_;
  std::map<std::string, TensorInfo> tensors_;
  std::set<std::string> taken_;
  ResNetConfig config_;
  std::optional<ModelMetadata> metadata_;
};

}  // namespace tern::engine
