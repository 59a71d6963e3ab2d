// tern._tern: the C interfaces tern_engine.h and tern_images.h for Python. Statuses become exceptions; while
// a network or a decoder works, other threads of Python run.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/array.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <array>
#include <exception>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tern/data/tern_images.h"
#include "tern/models/engine/tern_engine.h"

namespace nb = nanobind;

namespace {

template <class T, std::size_t kAxes>
using Input = nb::ndarray<const T, nb::ndim<kAxes>, nb::c_contig, nb::device::cpu>;
using Floats = nb::ndarray<nb::numpy, float>;
using Bytes = nb::ndarray<nb::numpy, std::uint8_t>;
using Colour = std::array<std::uint8_t, 3>;

/// Becomes the exception of that name in tern/_errors.py.
struct Failure : std::runtime_error {
  Failure(const char* kind, const std::string& message) : std::runtime_error(message), kind(kind) {}
  const char* kind;
};

void raise_in_python(const std::exception_ptr& pointer, void*) {
  try {
    std::rethrow_exception(pointer);
  } catch (const Failure& failure) {
    PyErr_SetString(nb::module_::import_("tern._errors").attr(failure.kind).ptr(), failure.what());
  }
}

void check(tern_engine_status status) {
  switch (status) {
    case TERN_ENGINE_OK:
      return;
    case TERN_ENGINE_BAD_MODEL:
      throw Failure("DataError", tern_engine_error());
    case TERN_ENGINE_BAD_ARGUMENT:
      throw Failure("ShapeError", tern_engine_error());
    case TERN_ENGINE_NOT_FINITE:
      throw Failure("NumericError", tern_engine_error());
    case TERN_ENGINE_OUT_OF_MEMORY:
      throw std::bad_alloc();
    case TERN_ENGINE_FAILED:
      break;
  }
  throw Failure("Error", tern_engine_error());
}

void check(tern_images_status status) {
  switch (status) {
    case TERN_IMAGES_OK:
      return;
    case TERN_IMAGES_BAD_PICTURE:
      throw Failure("DataError", tern_images_error());
    case TERN_IMAGES_OUT_OF_MEMORY:
      throw std::bad_alloc();
    case TERN_IMAGES_BAD_ARGUMENT:
    case TERN_IMAGES_FAILED:
      break;
  }
  throw Failure("Error", tern_images_error());
}

/// An uninitialised array that Python owns.
template <class Array>
Array make_array(std::initializer_list<std::size_t> shape) {
  std::size_t size = 1;
  for (const std::size_t extent : shape) size *= extent;
  using Value = typename Array::Scalar;
  auto values = std::make_unique_for_overwrite<Value[]>(size);
  Value* data = values.get();
  nb::capsule owner(data, [](void* pointer) noexcept { delete[] static_cast<Value*>(pointer); });
  values.release();
  return Array(data, shape, owner);
}

class Engine {
 public:
  Engine(const std::filesystem::path& path, int threads) {
    const nb::gil_scoped_release released;
    tern_engine* engine = nullptr;
    const tern_engine_status status = tern_engine_load_file(path.c_str(), threads, &engine);
    if (status == TERN_ENGINE_BAD_ARGUMENT) throw Failure("ConfigError", tern_engine_error());
    check(status);
    engine_.reset(engine);
  }

  std::pair<int, int> input_size() const {
    return {tern_engine_input_height(engine_.get()), tern_engine_input_width(engine_.get())};
  }
  int input_channels() const { return tern_engine_input_channels(engine_.get()); }
  bool exif_orientation() const { return tern_engine_exif_orientation(engine_.get()) != 0; }
  Colour background() const {
    Colour rgb;
    tern_engine_background(engine_.get(), rgb.data());
    return rgb;
  }
  int classes() const { return tern_engine_classes(engine_.get()); }

  std::optional<std::vector<std::string>> class_names() const {
    std::vector<std::string> names;
    for (int i = 0; i < classes(); ++i) {
      const char* name = tern_engine_class_name(engine_.get(), i);
      if (name == nullptr) return std::nullopt;
      names.emplace_back(name);
    }
    return names;
  }

  Floats prepare(const Input<std::uint8_t, 3>& picture) const {
    if (picture.shape(2) != 3)
      throw Failure("ShapeError", "prepare: a picture is (height, width, 3), red, green, blue");
    const auto [height, width] = input_size();
    Floats image = make_array<Floats>({static_cast<std::size_t>(height), static_cast<std::size_t>(width),
                                       static_cast<std::size_t>(input_channels())});
    const nb::gil_scoped_release released;
    check(tern_engine_prepare(engine_.get(), picture.data(), extent(picture, 0), extent(picture, 1),
                              image.data()));
    return image;
  }

  Floats run_u8(const Input<std::uint8_t, 4>& images) { return run(images, tern_engine_run_u8); }
  Floats run_f32(const Input<float, 4>& images) { return run(images, tern_engine_run_f32); }

 private:
  struct Free {
    void operator()(tern_engine* engine) const { tern_engine_free(engine); }
  };

  template <class Array>
  static int extent(const Array& array, std::size_t axis) {
    if (array.shape(axis) > 65535) throw Failure("ShapeError", "pictures have 65535 pixels a side at most");
    return static_cast<int>(array.shape(axis));
  }

  template <class Array, class Run>
  Floats run(const Array& images, const Run& run_engine) {
    if (images.shape(3) != static_cast<std::size_t>(input_channels())) {
      throw Failure("ShapeError", "run: the images have " + std::to_string(images.shape(3)) +
                                      " channels, the network takes " + std::to_string(input_channels()) +
                                      "; images are (count, height, width, channels)");
    }
    Floats logits = make_array<Floats>({images.shape(0), static_cast<std::size_t>(classes())});
    const int height = extent(images, 1), width = extent(images, 2);
    const nb::gil_scoped_release released;
    const std::scoped_lock one_at_a_time(mutex_);
    check(run_engine(engine_.get(), images.data(), images.shape(0), height, width, logits.data()));
    return logits;
  }

  std::unique_ptr<tern_engine, Free> engine_;
  std::mutex mutex_;
};

Bytes read_picture(const std::filesystem::path& path, bool exif_orientation, const Colour& background) {
  const tern_images_options options{exif_orientation, {background[0], background[1], background[2]}};
  tern_picture picture = {};
  {
    const nb::gil_scoped_release released;
    check(tern_images_read_file(path.c_str(), &options, &picture));
  }
  nb::capsule owner(picture.pixels, [](void* pixels) noexcept {
    tern_picture freed{0, 0, static_cast<std::uint8_t*>(pixels)};
    tern_images_free(&freed);
  });
  return Bytes(picture.pixels,
               {static_cast<std::size_t>(picture.height), static_cast<std::size_t>(picture.width), 3}, owner);
}

}  // namespace

NB_MODULE(_tern, module) {
  nb::register_exception_translator(raise_in_python);
  nb::class_<Engine>(module, "Engine")
      .def(nb::init<const std::filesystem::path&, int>(), nb::arg("path"), nb::arg("threads"))
      .def_prop_ro("input_size", &Engine::input_size)
      .def_prop_ro("input_channels", &Engine::input_channels)
      .def_prop_ro("exif_orientation", &Engine::exif_orientation)
      .def_prop_ro("background", &Engine::background)
      .def_prop_ro("classes", &Engine::classes)
      .def_prop_ro("class_names", &Engine::class_names)
      .def("prepare", &Engine::prepare, nb::arg("picture"))
      .def("run_u8", &Engine::run_u8, nb::arg("images"))
      .def("run_f32", &Engine::run_f32, nb::arg("images"));
  module.def("read_picture", &read_picture, nb::arg("path"), nb::arg("exif_orientation"),
             nb::arg("background"));
}
