// Shapes, dtypes and devices as arguments of fmt::format and require: formatted only when the text is needed.
#pragma once

#include <fmt/format.h>

#include "tern/core/device.h"
#include "tern/core/dtype.h"
#include "tern/core/shape.h"

namespace tern {

template <class T>
struct ToStringFormatter : fmt::formatter<std::string> {
  template <class Context>
  auto format(const T& value, Context& context) const {
    return fmt::formatter<std::string>::format(to_string(value), context);
  }
};

}  // namespace tern

template <>
struct fmt::formatter<tern::Shape> : tern::ToStringFormatter<tern::Shape> {};
template <>
struct fmt::formatter<tern::DType> : tern::ToStringFormatter<tern::DType> {};
template <>
struct fmt::formatter<tern::Device> : tern::ToStringFormatter<tern::Device> {};
