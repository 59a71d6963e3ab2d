// What the classes and functions in PyTorch's pickles mean. All of it makes plain values.
#pragma once

#include <optional>
#include <string_view>

#include "tern/models/formats/pytorch/pickle_value.h"

namespace tern::pytorch {

/// Nothing for a name that is not known.
std::optional<Global> find_global(std::string_view module, std::string_view name);

/// What torch.save's pickles mean by calling `global`. Throws DataError, saying what was expected, if the
/// arguments are not such as they write.
decltype(Value::content) call(const Global& global, const Sequence& arguments);

/// The storage of a persistent id: ("storage", class, key, location, number of elements), to which the older
/// format adds None. Throws DataError.
Storage storage_of(const Value& persistent_id);

}  // namespace tern::pytorch
