#include "tern/models/formats/pytorch/globals.h"

#include <array>

#include "tern/core/error.h"
#include "tern/core/quote.h"

namespace tern::pytorch {
namespace {

using Kind = Global::Kind;

struct Known {
  std::string_view module, name;
  Global global;
};

constexpr Global plain(Kind kind) {
  return {kind, ElementType::f32};
}

constexpr Global storage(ElementType type) {
  return {Kind::storage, type};
}

constexpr std::array kKnown{
    Known{"collections", "OrderedDict", plain(Kind::mapping)},
    Known{"collections", "Counter", plain(Kind::mapping)},
    Known{"torch", "Size", plain(Kind::size)},
    Known{"torch._utils", "_rebuild_tensor", plain(Kind::rebuild_tensor)},
    Known{"torch._utils", "_rebuild_tensor_v2", plain(Kind::rebuild_tensor)},
    Known{"torch._utils", "_rebuild_parameter", plain(Kind::rebuild_parameter)},
    Known{"torch", "DoubleStorage", storage(ElementType::f64)},
    Known{"torch", "FloatStorage", storage(ElementType::f32)},
    Known{"torch", "HalfStorage", storage(ElementType::f16)},
    Known{"torch", "BFloat16Storage", storage(ElementType::bf16)},
    Known{"torch", "LongStorage", storage(ElementType::i64)},
    Known{"torch", "IntStorage", storage(ElementType::i32)},
    Known{"torch", "ShortStorage", storage(ElementType::i16)},
    Known{"torch", "CharStorage", storage(ElementType::i8)},
    Known{"torch", "ByteStorage", storage(ElementType::u8)},
    Known{"torch", "BoolStorage", storage(ElementType::boolean)},
};

/// Argument `i` of `function`, which has to be a T.
template <class T>
const T& argument(const Sequence& arguments, std::size_t i, const char* function, const char* expected) {
  require<DataError>(i < arguments.size(), "{} has {} arguments; argument {}, {}, is missing", function,
                     arguments.size(), i, expected);
  const T* value = arguments[i]->as<T>();
  require<DataError>(value != nullptr, "argument {} of {} is {}, expected {}", i, function,
                     kind_of(*arguments[i]), expected);
  return *value;
}

std::vector<std::int64_t> integers(const Sequence& arguments, std::size_t i) {
  constexpr const char* kExpected = "a tuple of integers";
  constexpr const char* kFunction = "_rebuild_tensor";
  std::vector<std::int64_t> numbers;
  const auto& items = argument<Sequence>(arguments, i, kFunction, kExpected);
  require<DataError>(items.size() <= Shape::kMaxRank, "a tensor has {} dimensions, {} are supported",
                     items.size(), Shape::kMaxRank);
  for (std::size_t k = 0; k < items.size(); ++k)
    numbers.push_back(argument<std::int64_t>(items, k, kFunction, "an integer"));
  return numbers;
}

// (storage, offset, sizes, strides, requires_grad, hooks, ...): all behind strides is of training.
StridedTensor rebuild_tensor(const Sequence& arguments) {
  constexpr const char* kFunction = "_rebuild_tensor";
  return {argument<Storage>(arguments, 0, kFunction, "a storage"),
          argument<std::int64_t>(arguments, 1, kFunction, "an integer"), integers(arguments, 2),
          integers(arguments, 3)};
}

// Nothing, a dict, or a list of pairs.
Dict mapping(const Sequence& arguments) {
  if (arguments.empty()) return {};
  if (const Dict* dict = arguments[0]->as<Dict>()) return *dict;
  Dict dict;
  for (const Value* item : argument<Sequence>(arguments, 0, "OrderedDict", "a dict or a list of pairs")) {
    const Sequence* pair = item->as<Sequence>();
    require<DataError>(pair != nullptr && pair->size() == 2,
                       "argument 0 of OrderedDict holds {}, expected pairs", kind_of(*item));
    dict.emplace_back((*pair)[0], (*pair)[1]);
  }
  return dict;
}

}  // namespace

std::optional<Global> find_global(std::string_view module, std::string_view name) {
  for (const Known& known : kKnown) {
    if (known.module == module && known.name == name) return known.global;
  }
  return std::nullopt;
}

decltype(Value::content) call(const Global& global, const Sequence& arguments) {
  switch (global.kind) {
    case Kind::mapping:
      return mapping(arguments);
    case Kind::size:
      return argument<Sequence>(arguments, 0, "torch.Size", "a tuple");
    case Kind::rebuild_tensor:
      return rebuild_tensor(arguments);
    case Kind::rebuild_parameter:
      return argument<StridedTensor>(arguments, 0, "_rebuild_parameter", "a tensor");
    case Kind::storage:
      break;
  }
  throw DataError("a storage is called; only its persistent id names one");
}

Storage storage_of(const Value& persistent_id) {
  const Sequence* id = persistent_id.as<Sequence>();
  require<DataError>(id != nullptr, "a persistent id is {}, expected a tuple", kind_of(persistent_id));
  constexpr const char* kId = "a persistent id";
  const auto kind = argument<std::string_view>(*id, 0, kId, "a string");
  require<DataError>(kind == "storage", "a persistent id is of {}, expected \"storage\"", quote(kind));
  const Global& type = argument<Global>(*id, 1, kId, "the class of a storage");
  require<DataError>(type.kind == Kind::storage,
                     "argument 1 of a persistent id is not the class of a storage");
  const auto key = argument<std::string_view>(*id, 2, kId, "a string");
  const auto numel = argument<std::int64_t>(*id, 4, kId, "the number of elements");
  require<DataError>(numel >= 0, "storage {} has {} elements", quote(key), numel);
  constexpr std::size_t kView = 5;
  require<DataError>(id->size() <= kView || (*id)[kView]->as<None>() != nullptr,
                     "storage {} is a view of another, as PyTorch has not written them since 0.4",
                     quote(key));
  return {key, type.type, numel};
}

}  // namespace tern::pytorch
