#include "tern/models/engine/model_reader.h"

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/core/safetensors_format.h"
#include "tern/core/safetensors_reader.h"
#include "tern/kernels/common/batch_norm_formulas.h"
#include "tern/models/model_format.h"
#include "tern/models/model_values.h"
#include "tern/models/trits_code.h"

namespace tern::engine {
namespace {

ResNetConfig read_config(const Metadata& metadata, const std::string& path) {
  require<DataError>(check_model_format(metadata, path) == kMergedFormat,
                     "{}: not a merged model but a checkpoint; merge it with tern-merge {} -o MODEL", path,
                     path);
  try {
    ResNetConfig config = parse_resnet_config(required_metadata(metadata, path, "model"));
    require<DataError>(config.block == BlockKind::ternary,
                       "metadata \"model\": block is not \"ternary\", which every merged model has");
    check_input_size(config);
    return config;
  } catch (const Error& error) {
    throw DataError(path + ": " + error.what());
  }
}

}  // namespace

ModelReader::ModelReader(const ByteSource& source) : source_(source) {
  safetensors::Header header = safetensors::read_header(source);
  for (TensorInfo& tensor : header.tensors) tensors_.emplace(tensor.name, std::move(tensor));
  config_ = read_config(header.metadata, name());
  if (header.metadata.count("input") == 0 && header.metadata.count("class_names") == 0) return;
  metadata_ = read_model_metadata(header.metadata, name());
  check_metadata();
}

void ModelReader::check_metadata() const {
  require<DataError>(metadata_->class_names.size() == static_cast<std::size_t>(config_.classes),
                     "{}: metadata \"class_names\" has {} names for {} classes", name(),
                     metadata_->class_names.size(), config_.classes);
  require<DataError>(metadata_->input.size == config_.input_size,
                     "{}: metadata \"input\" has the size {}, metadata \"model\" the input_size {}", name(),
                     metadata_->input.size, config_.input_size);
}

const TensorInfo& ModelReader::take(const std::string& tensor, DType dtype, const Shape& shape) {
  const auto found = tensors_.find(tensor);
  require<DataError>(found != tensors_.end(), "{}: tensor {} of the network is missing", name(), tensor);
  const TensorInfo& info = found->second;
  require<DataError>(info.dtype == dtype && info.shape == shape,
                     "{}: byte {}: tensor {} is {} {}, expected {} {}", name(), info.begin, tensor,
                     info.dtype, info.shape, dtype, shape);
  taken_.insert(tensor);
  return info;
}

void ModelReader::check(const std::string& tensor, const std::vector<float>& values) const {
  try {
    check_values(tensor, values.data(), values.size());
  } catch (const DataError& error) {
    throw DataError(fmt::format("{}: tensor {}", name(), error.what()));
  }
}

std::vector<float> ModelReader::floats(const std::string& tensor, const Shape& shape) {
  const TensorInfo& info = take(tensor, DType::f32, shape);
  std::vector<float> values(static_cast<std::size_t>(shape.numel()));
  source_.read(info.begin, values.data(), values.size() * sizeof(float));
  check(tensor, values);
  return values;
}

std::vector<std::int8_t> ModelReader::ternary(const std::string& weight, const Shape& shape) {
  const std::string tensor = weight + ".trits";
  const auto count = static_cast<std::size_t>(shape.numel());
  const TensorInfo& info = take(tensor, DType::u8, {static_cast<std::int64_t>(trits_bytes(count))});
  std::vector<std::uint8_t> bytes(trits_bytes(count));
  source_.read(info.begin, bytes.data(), bytes.size());
  std::vector<std::int8_t> values(count);
  try {
    decode_trits(bytes.data(), values.data(), count);
  } catch (const DataError& error) {
    throw DataError(fmt::format("{}: tensor {}: {}", name(), tensor, error.what()));
  }
  return values;
}

NormTerms ModelReader::batch_norm(const std::string& norm, std::int64_t channels) {
  constexpr float kEps = 1e-5F;  // of every batch norm (layers/batch_norm2d.h)
  NormTerms terms{floats(norm + ".running_mean", {channels}), floats(norm + ".weight", {channels}),
                  floats(norm + ".bias", {channels})};
  const std::vector<float> variance = floats(norm + ".running_var", {channels});
  for (std::size_t c = 0; c < variance.size(); ++c) {
    terms.gain[c] *= kernels::inverse_deviation(static_cast<double>(variance[c]), kEps);
  }
  check(norm + ".weight / sqrt(running_var)", terms.gain);
  return terms;
}

void ModelReader::finish() const {
  for (const auto& [tensor, info] : tensors_) {
    require<DataError>(
        taken_.count(tensor) != 0 || tensor.ends_with(".num_batches_tracked"),
        "{}: byte {}: tensor {} does not belong to the network that metadata \"model\" describes", name(),
        info.begin, safetensors::quote(tensor));
  }
}

}  // namespace tern::engine
