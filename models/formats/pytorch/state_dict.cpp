#include "tern/models/formats/pytorch/state_dict.h"

#include <fmt/ranges.h>

#include <array>

#include "tern/core/error.h"
#include "tern/core/quote.h"
#include "tern/models/formats/pytorch/archive.h"
#include "tern/models/formats/pytorch/strided.h"

namespace tern::pytorch {
namespace {

constexpr std::array<std::string_view, 3> kNestedUnder{"state_dict", "model", "model_state_dict"};

// Tensors that share a storage are copied apart. Honest files share little.
constexpr std::uint64_t kMostCopies = 8;

/// Tensors of one file, which share its archive and the storage that was read last.
class TensorReader {
 public:
  explicit TensorReader(const std::string& path)
      : path_(path), most_bytes_(kMostCopies * open_file(path)->size()), archive_(open_archive(path)) {}

  const Value& root() const { return archive_->root(); }

  /// Throws DataError unless all of the tensor lies within its storage, and all of the tensors come to little
  /// more than the file.
  void check(const std::string& name, const StridedTensor& tensor) {
    require<DataError>(
        within_storage(tensor),
        "{}: tensor {} with sizes ({}), strides ({}) and offset {} does not lie within its storage "
        "of {} elements",
        path_, name, fmt::join(tensor.sizes, ", "), fmt::join(tensor.strides, ", "), tensor.offset,
        tensor.storage.numel);
    const auto numel = static_cast<std::uint64_t>(Shape(tensor.sizes).numel());
    const std::uint64_t size = size_of(tensor.storage.type);
    require<DataError>(numel <= (most_bytes_ - bytes_) / size,
                       "{}: with tensor {} its tensors have more than {} times the bytes of the file", path_,
                       name, kMostCopies);
    bytes_ += numel * size;
  }

  Tensor read(const StridedTensor& tensor) {
    const Shape shape(tensor.sizes);
    if (shape.numel() == 0) return Tensor::empty(shape, dtype_read(tensor.storage.type));
    if (elements_.empty() || key_ != tensor.storage.key) {
      elements_ = archive_->read(tensor.storage);
      key_ = tensor.storage.key;
    }
    return convert_elements(tensor.storage.type, gather(tensor, elements_).data(), shape);
  }

 private:
  std::string path_;
  std::uint64_t most_bytes_, bytes_ = 0;
  std::unique_ptr<Archive> archive_;
  std::string_view key_;
  std::vector<char> elements_;
};

const Dict* nested(const Dict& dict) {
  for (const std::string_view name : kNestedUnder) {
    for (const auto& [key, value] : dict) {
      const auto* text = key->as<std::string_view>();
      if (text != nullptr && *text == name && value->as<Dict>() != nullptr) return value->as<Dict>();
    }
  }
  return nullptr;
}

const Dict& find_state_dict(const std::string& path, const Value& root) {
  const Dict* dict = root.as<Dict>();
  require<DataError>(dict != nullptr, "{}: holds {}, expected the dict of model.state_dict()", path,
                     kind_of(root));
  const Dict* inner = nested(*dict);
  return inner != nullptr ? *inner : *dict;
}

}  // namespace

StateDict read_state_dict(const std::string& path) {
  const auto reader = std::make_shared<TensorReader>(path);
  StateDict state;
  for (const auto& [key, value] : find_state_dict(path, reader->root())) {
    const auto* text = key->as<std::string_view>();
    require<DataError>(text != nullptr, "{}: a key of the state dict is {}, expected a name", path,
                       kind_of(*key));
    const std::string name(*text);
    const auto* tensor = value->as<StridedTensor>();
    require<DataError>(tensor != nullptr,
                       "{}: {} is {}, expected a tensor; a state dict is looked for at the top and under {}",
                       path, quote(name), kind_of(*value), fmt::join(kNestedUnder, ", "));
    reader->check(quote(name), *tensor);
    const auto read = [reader, tensor] { return reader->read(*tensor); };
    require<DataError>(state.emplace(name, StoredTensor{Shape(tensor->sizes), read}).second,
                       "{}: tensor {} is there twice", path, quote(name));
  }
  require<DataError>(!state.empty(), "{}: its state dict is empty", path);
  return state;
}

}  // namespace tern::pytorch
