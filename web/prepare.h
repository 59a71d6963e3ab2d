// What the page needs beside tern_engine.h.
#pragma once

#include <cstdint>

#include "tern/models/engine/tern_engine.h"

/// tern_engine_prepare() of a canvas (height, width, 4), whose alpha is left out. Networks whose training
/// resized nothing took pictures of their own size: of others the shorter side is resized to the longer one
/// of the network's images, and the middle cut out.
extern "C" tern_engine_status tern_web_prepare(const tern_engine* engine, const std::uint8_t* rgba,
                                               int height, int width, float* image);
