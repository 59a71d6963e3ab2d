#include "tern/models/engine/tern_engine.h"

#include <string>

#include "tern/models/engine/preprocessing.h"
#include "tern/models/engine/tern_engine_impl.h"

using tern::engine::guarded;

namespace {

std::string& last_error() {
  thread_local std::string message;
  return message;
}

/// The defaults where nothing is said.
tern::InputSection input_section(const tern_engine* engine) {
  if (engine == nullptr || !engine->engine.metadata()) return {};
  return engine->engine.metadata()->input;
}

void require_pointer(const void* pointer, const char* name) {
  tern::require<tern::ConfigError>(pointer != nullptr, "tern_engine: {} is NULL", name);
}

template <class OpenSource>
tern_engine_status load(const OpenSource& open_source, int threads, tern_engine** engine) noexcept {
  if (engine != nullptr) *engine = nullptr;
  return guarded([&] {
    require_pointer(engine, "engine");
    const auto source = open_source();
    *engine = new tern_engine{{*source, threads}};
  });
}

template <class Pixel>
tern_engine_status run(tern_engine* engine, const Pixel* images, size_t count, int height, int width,
                       float* logits) noexcept {
  return guarded([&] {
    require_pointer(engine, "engine");
    require_pointer(images, "images");
    require_pointer(logits, "logits");
    const int high = engine->engine.input_height(), wide = engine->engine.input_width();
    tern::require<tern::ShapeError>(
        height == high && width == wide,
        "tern_engine: the images have {}x{} pixels, the network takes {}x{}; resize or "
        "crop them",
        height, width, high, wide);
    engine->engine.run(images, count, logits);
  });
}

}  // namespace

tern_engine_status tern::engine::fail(tern_engine_status status, const char* message) noexcept {
  try {
    last_error() = message;
  } catch (...) {  // no memory for the message: the status has to do
  }
  return status;
}

const char* tern_engine_error(void) {
  return last_error().c_str();
}

tern_engine_status tern_engine_load_file(const char* path, int threads, tern_engine** engine) {
  return load(
      [&] {
        require_pointer(path, "path");
        return tern::open_file(path);
      },
      threads, engine);
}

tern_engine_status tern_engine_load_memory(const void* model, size_t size, int threads,
                                           tern_engine** engine) {
  return load(
      [&] {
        require_pointer(model, "model");
        return tern::memory_source(model, size, "model in memory");
      },
      threads, engine);
}

void tern_engine_free(tern_engine* engine) {
  delete engine;
}

int tern_engine_input_size(const tern_engine* engine) {
  return engine == nullptr ? 0 : engine->engine.input_size();
}

int tern_engine_input_height(const tern_engine* engine) {
  return engine == nullptr ? 0 : engine->engine.input_height();
}

int tern_engine_input_width(const tern_engine* engine) {
  return engine == nullptr ? 0 : engine->engine.input_width();
}

int tern_engine_input_channels(const tern_engine* engine) {
  return engine == nullptr ? 0 : engine->engine.input_channels();
}

int tern_engine_classes(const tern_engine* engine) {
  return engine == nullptr ? 0 : engine->engine.classes();
}

const char* tern_engine_class_name(const tern_engine* engine, int index) {
  if (engine == nullptr) return nullptr;
  const auto& metadata = engine->engine.metadata();
  if (!metadata || index < 0 || index >= engine->engine.classes()) return nullptr;
  return metadata->class_names[static_cast<std::size_t>(index)].c_str();
}

int tern_engine_exif_orientation(const tern_engine* engine) {
  return input_section(engine).exif_orientation ? 1 : 0;
}

void tern_engine_background(const tern_engine* engine, uint8_t rgb[3]) {
  const tern::InputSection input = input_section(engine);
  for (std::size_t c = 0; c < 3; ++c) rgb[c] = static_cast<std::uint8_t>(input.background[c]);
}

tern_engine_status tern_engine_prepare(const tern_engine* engine, const uint8_t* pixels, int height,
                                       int width, float* image) {
  return guarded([&] {
    require_pointer(engine, "engine");
    require_pointer(pixels, "pixels");
    require_pointer(image, "image");
    tern::require<tern::ShapeError>(height > 0 && width > 0, "tern_engine: a picture of {}x{} pixels", height,
                                    width);
    engine->engine.preprocessing().apply({pixels, height, width, std::ptrdiff_t{3} * width}, image);
  });
}

tern_engine_status tern_engine_run_f32(tern_engine* engine, const float* images, size_t count, int height,
                                       int width, float* logits) {
  return run(engine, images, count, height, width, logits);
}

tern_engine_status tern_engine_run_u8(tern_engine* engine, const uint8_t* images, size_t count, int height,
                                      int width, float* logits) {
  return run(engine, images, count, height, width, logits);
}
