#include "tern/core/safetensors.h"

#include "tern/core/error.h"
#include "tern/core/nearest_name.h"
#include "tern/core/quote.h"
#include "tern/core/safetensors_reader.h"

namespace tern {

SafetensorsFile SafetensorsFile::open(const std::filesystem::path& path, StoredFloats floats) {
  return SafetensorsFile(open_file(path), floats);
}

SafetensorsFile SafetensorsFile::from_memory(const void* bytes, std::size_t size, std::string name) {
  return SafetensorsFile(memory_source(bytes, size, std::move(name)));
}

SafetensorsFile::SafetensorsFile(std::unique_ptr<ByteSource> source, StoredFloats floats)
    : source_(std::move(source)) {
  safetensors::Header header = safetensors::read_header(*source_, floats);
  metadata_ = std::move(header.metadata);
  tensors_ = std::move(header.tensors);
  for (std::size_t i = 0; i < tensors_.size(); ++i) index_.emplace(tensors_[i].name, i);
}

std::vector<std::string> SafetensorsFile::names() const {
  std::vector<std::string> names;
  names.reserve(tensors_.size());
  for (const TensorInfo& tensor : tensors_) names.push_back(tensor.name);
  return names;
}

const TensorInfo& SafetensorsFile::info(const std::string& name) const {
  const auto found = index_.find(name);
  if (found != index_.end()) return tensors_[found->second];
  const std::string nearest = nearest_name(name, names());
  throw DataError(fmt::format("{}: there is no tensor {}{}", source_->name(), quote(name),
                              nearest.empty() ? "" : "; did you mean " + quote(nearest) + "?"));
}

Tensor SafetensorsFile::read(const std::string& name) const {
  const TensorInfo& tensor = info(name);
  if (tensor.converted_from) {
    std::vector<char> elements(tensor.end - tensor.begin);
    source_->read(tensor.begin, elements.data(), elements.size());
    return convert_elements(*tensor.converted_from, elements.data(), tensor.shape);
  }
  Tensor result = Tensor::empty(tensor.shape, tensor.dtype);
  source_->read(tensor.begin, result.raw(), result.nbytes());
  return result;
}

}  // namespace tern
