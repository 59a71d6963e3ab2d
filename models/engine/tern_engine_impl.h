// What is behind tern_engine.h, for those who add functions to it (web/prepare.cpp).
#pragma once

#include <exception>
#include <new>

#include "tern/core/error.h"
#include "tern/models/engine/engine.h"
#include "tern/models/engine/tern_engine.h"

struct tern_engine {
  tern::engine::Engine engine;
};

namespace tern::engine {

/// Has tern_engine_error() say `message`; returns `status`.
tern_engine_status fail(tern_engine_status status, const char* message) noexcept;

/// No exception leaves the library: each is a status and a message.
template <class Body>
tern_engine_status guarded(const Body& body) noexcept {
  try {
    body();
    return TERN_ENGINE_OK;
  } catch (const DataError& error) {
    return fail(TERN_ENGINE_BAD_MODEL, error.what());
  } catch (const NumericError& error) {
    return fail(TERN_ENGINE_NOT_FINITE, error.what());
  } catch (const Error& error) {
    return fail(TERN_ENGINE_BAD_ARGUMENT, error.what());
  } catch (const std::bad_alloc&) {
    return fail(TERN_ENGINE_OUT_OF_MEMORY, "out of memory");
  } catch (const std::exception& error) {
    return fail(TERN_ENGINE_FAILED, error.what());
  }
}

}  // namespace tern::engine
