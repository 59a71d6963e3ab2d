// The exceptions of Tern. Libraries throw; programs print the message and return a non-zero exit code.
//
// A message says what failed, where, what was expected and, where it helps, what to do:
//   "conv2d: x is (8, 32, 32, 60) but w is (64, 3, 3, 32); input channels differ"
#pragma once

#include <fmt/core.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace tern {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Shapes, dtypes or other arguments of an operation do not fit together.
class ShapeError : public Error {
 public:
  using Error::Error;
};

/// A device is missing, out of memory, or has no kernel for the operation.
class DeviceError : public Error {
 public:
  using Error::Error;
};

/// Input from outside is bad: a file, an image, a data set. The message names path and byte offset.
class DataError : public Error {
 public:
  using Error::Error;
};

/// The configuration or the command line is bad. The message names the key's path.
class ConfigError : public Error {
 public:
  using Error::Error;
};

/// A computation left the finite numbers: NaN or infinity. The message names the layer.
class NumericError : public Error {
 public:
  using Error::Error;
};

/// Throws `E` with a formatted message unless `condition` holds.
template <class E, class... Args>
inline void require(bool condition, fmt::format_string<Args...> format, Args&&... args) {
  if (!condition) throw E(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace tern
