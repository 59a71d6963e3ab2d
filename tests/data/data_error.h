// The message of an expected DataError, to be searched for what it must name.
#pragma once

#include <string>

#include "tern/core/error.h"

namespace tern::test {

/// Any other exception passes through; without one the message says so, which no expectation matches.
template <class Action>
std::string data_error_of(const Action& action) {
  try {
    action();
  } catch (const DataError& error) {
    return error.what();
  }
  return "(nothing was thrown)";
}

}  // namespace tern::test
