#include "tern/models/engine/model_reader.h"

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/core/quote.h"
#include "tern/core/safetensors_reader.h"
#include "tern/kernels/common/batch_norm_formulas.h"
#include "tern/kernels/cpu/packed/convolution_shape.h"
#include "tern/models/formats/stored_name.h"
#include "tern/models/model_format.h"
#include "tern/models/model_values.h"
#include "tern/models/weights_code.h"

namespace tern::engine {
namespace {

graph::Graph read_graph(const Metadata& metadata, const std::string& path) {
  require<DataError>(check_model_format(metadata, path) == kMergedFormat,
                     "{}: not a merged model but a checkpoint; merge it with tern-merge {} -o MODEL", path,
                     path);
  return merged_graph(metadata, path);
}

// Kernels count weights with 32 bits.
constexpr std::int64_t kMaxWeights = std::int64_t{1} << 29;

void check_size(const graph::Node& node, const graph::Parameter& parameter) {
  require<DataError>(parameter.shape.numel() <= kMaxWeights, "{}: {} {} is too large for the engine",
                     node.name, parameter.role, parameter.shape);
}

// Two planes, whose filters come in blocks (kernels/cpu/packed/convolution_shape.h).
void check_planes(const graph::Node& node, const graph::Parameter& weight) {
  packed::ConvolutionShape shape;
  shape.filters = static_cast<int>(weight.shape[0]);
  shape.planes = 2;
  const std::int64_t window = weight.shape.numel() / weight.shape[0];
  require<DataError>(shape.plane_filters() * window <= kMaxWeights,
                     "{}: weight {} is too large for the engine", node.name, weight.shape);
}

std::vector<float> oihw_to_ohwi(const std::vector<float>& oihw, const Shape& ohwi_shape) {
  const std::int64_t filters = ohwi_shape[0], area = ohwi_shape[1] * ohwi_shape[2], channels = ohwi_shape[3];
  std::vector<float> ohwi;
  ohwi.reserve(oihw.size());
  for (std::int64_t o = 0; o < filters; ++o) {
    for (std::int64_t k = 0; k < area; ++k) {
      for (std::int64_t i = 0; i < channels; ++i) {
        ohwi.push_back(oihw[static_cast<std::size_t>((o * channels + i) * area + k)]);
      }
    }
  }
  return ohwi;
}

}  // namespace

ModelReader::ModelReader(const ByteSource& source) : source_(source) {
  safetensors::Header header = safetensors::read_header(source, StoredFloats::as_f32);
  for (TensorInfo& tensor : header.tensors) tensors_.emplace(tensor.name, std::move(tensor));
  graph_ = read_graph(header.metadata, name());
  stem_ = read_stem_arithmetic(header.metadata, name());
  const bool describes_input = header.metadata.count("input") > 0 || header.metadata.count("class_names") > 0;
  if (!describes_input && stem_ == StemArithmetic::floats) return;
  metadata_ = read_model_metadata(header.metadata, name());
  check_metadata();
}

void ModelReader::check_metadata() const {
  require<DataError>(metadata_->class_names.size() == static_cast<std::size_t>(graph_.classes()),
                     "{}: metadata \"class_names\" has {} names for {} classes", name(),
                     metadata_->class_names.size(), graph_.classes());
  const Shape &image = graph_.input().output, made = metadata_->input.image();
  // Files of before metadata had a height and a width have those of other images in the graph alone.
  const bool old = image[0] != image[1] && made[0] == made[1];
  require<DataError>(old || (made[0] == image[0] && made[1] == image[1]),
                     "{}: metadata \"input\" has the size {} x {}, the network takes images of {} x {}",
                     name(), made[0], made[1], image[0], image[1]);
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
  if (info.converted_from) {
    std::vector<char> elements(info.end - info.begin);
    source_.read(info.begin, elements.data(), elements.size());
    convert_floats(*info.converted_from, elements.data(), values.size(), values.data());
  } else {
    source_.read(info.begin, values.data(), values.size() * sizeof(float));
  }
  check(tensor, values);
  return values;
}

std::vector<float> ModelReader::floats(const graph::Node& node, const char* role) {
  const graph::Parameter& parameter = node.parameter(role);
  check_size(node, parameter);
  return floats(stored_name(node, parameter), parameter.shape);
}

std::vector<float> ModelReader::convolution_weights(const graph::Node& node) {
  const graph::Parameter& weight = node.parameter("weight");
  check_size(node, weight);
  const Shape& s = weight.shape;
  return oihw_to_ohwi(floats(stored_name(node, weight), {s[0], s[3], s[1], s[2]}), s);
}

std::vector<std::int8_t> ModelReader::ternary(const graph::Node& node) {
  const graph::Parameter& weight = node.parameter("weight");
  check_size(node, weight);
  const std::string tensor = stored_name(node, weight);
  const auto count = static_cast<std::size_t>(weight.shape.numel());
  if (node.levels == WeightLevels::four) check_planes(node, weight);
  const std::size_t size = weights_bytes(node.levels, count);
  const TensorInfo& info = take(tensor, DType::u8, {static_cast<std::int64_t>(size)});
  std::vector<std::uint8_t> bytes(size);
  source_.read(info.begin, bytes.data(), bytes.size());
  std::vector<std::int8_t> values(count);
  try {
    decode_weights(node.levels, bytes.data(), values.data(), count);
  } catch (const DataError& error) {
    throw DataError(fmt::format("{}: tensor {}: {}", name(), tensor, error.what()));
  }
  return values;
}

NormTerms ModelReader::batch_norm(const graph::Node& node) {
  constexpr float kEps = 1e-5F;  // of every batch norm (layers/graph/graph.h)
  NormTerms terms{floats(node, "running_mean"), floats(node, "weight"), floats(node, "bias")};
  const std::vector<float> variance = floats(node, "running_var");
  for (std::size_t c = 0; c < variance.size(); ++c) {
    terms.gain[c] *= kernels::inverse_deviation(static_cast<double>(variance[c]), kEps);
  }
  check(node.name + ".weight / sqrt(running_var)", terms.gain);
  return terms;
}

void ModelReader::finish() const {
  for (const auto& [tensor, info] : tensors_) {
    require<DataError>(taken_.count(tensor) != 0 || tensor.ends_with(".num_batches_tracked"),
                       "{}: byte {}: tensor {} does not belong to the network that the metadata describe",
                       name(), info.begin, quote(tensor));
  }
}

}  // namespace tern::engine
