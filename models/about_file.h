#pragma once

#include <string>

#include "tern/core/error.h"

namespace tern {

/// Runs `body`; errors are DataErrors that begin with the path of the file that they are about.
template <class Body>
auto about_file(const std::string& path, const Body& body) {
  try {
    return body();
  } catch (const Error& error) {
    throw DataError(path + ": " + error.what());
  }
}

}  // namespace tern
