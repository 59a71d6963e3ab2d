#include "tern/models/engine/engine.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "tern/core/error.h"
#include "tern/core/usable_cpus.h"
#include "tern/models/engine/preprocessing.h"

namespace tern::engine {
namespace {

constexpr int kMaxThreads = 1024;

int thread_count(int wanted) {
  require<ConfigError>(wanted >= 0 && wanted <= kMaxThreads,
                       "engine: {} threads; expected 1 to {}, or 0 for all", wanted, kMaxThreads);
  return wanted > 0 ? wanted : std::min(kMaxThreads, default_threads());
}

void check_finite(const float* logits, std::size_t images, std::size_t classes) {
  for (std::size_t i = 0; i < images * classes; ++i) {
    require<NumericError>(
        std::isfinite(logits[i]),
        "engine: logit {} of image {} is {}; the image holds NaN, infinity or numbers far out of the "
        "range of training",
        i % classes, i / classes, logits[i]);
  }
}

}  // namespace

Engine::Engine(const ByteSource& model, int threads) : Engine(ModelReader(model), thread_count(threads)) {}

Engine::Engine(ModelReader&& model, int threads)
    : name_(model.name()),
      input_(map_of(model.graph().input())),
      metadata_(model.metadata()),
      plan_(model, threads),
      team_(threads) {
  if (metadata_ && metadata_->input.mean.size() == static_cast<std::size_t>(input_.channels)) {
    pixels_ = pixel_table(metadata_->input);
  }
  for (int i = 0; i < threads; ++i) arenas_.emplace_back(plan_.layout());
  if (plan_.has_int16_stem()) {
    finder_.emplace(metadata_->input, input_);
    found_pixels_.assign(static_cast<std::size_t>(threads), std::vector<std::uint8_t>(image_values()));
  }
}

Preprocessing Engine::preprocessing() const {
  return {metadata_, input_, name_};
}

void Engine::run(const float* images, std::size_t count, float* logits) {
  const auto use_rows = [&](std::size_t i, int thread, const auto& use) {
    const float* image = images + i * image_values();
    if (finder_.has_value()) {
      std::uint8_t* pixels = found_pixels_[static_cast<std::size_t>(thread)].data();
      if (finder_->find(image, pixels)) return use(ByteRows(pixels, input_, *pixels_));
    }
    use(FloatRows(image, input_));
  };
  run_all(use_rows, count, logits);
}

void Engine::run(const std::uint8_t* images, std::size_t count, float* logits) {
  require<DataError>(
      pixels_.has_value(),
      "engine: the model's file does not say how its images' channels were normalised; give it floats");
  const auto use_rows = [&](std::size_t i, int, const auto& use) {
    use(ByteRows(images + i * image_values(), input_, *pixels_));
  };
  run_all(use_rows, count, logits);
}

/// The arenas and the team serve one call at a time.
class Engine::InUse {
 public:
  explicit InUse(std::atomic<bool>& flag) : flag_(flag) {
    require<ShapeError>(!flag_.exchange(true),
                        "engine: is in use by another thread; give each thread an engine of its own");
  }
  ~InUse() { flag_ = false; }
  InUse(const InUse&) = delete;
  InUse& operator=(const InUse&) = delete;

 private:
  std::atomic<bool>& flag_;
};

template <class UseRows>
void Engine::run_all(const UseRows& use_rows, std::size_t count, float* logits) {
  const InUse in_use(in_use_);
  require<ShapeError>(count > 0, "engine: there are no images; give it at least one");
  const auto classes_of_one = static_cast<std::size_t>(classes()),
             threads = static_cast<std::size_t>(team_.size());
  const std::size_t whole = count / threads * threads;  // these images go to a thread each
  std::atomic<std::size_t> next{0};
  team_.run([&](const Member& member) {
    const Arena& own = arenas_[static_cast<std::size_t>(member.index)];
    for (std::size_t i = next++; i < whole; i = next++) {
      use_rows(i, member.index, [&](const ImageRows& rows) {
        plan_.run({rows, own, logits + i * classes_of_one}, {});
      });
    }
    for (std::size_t i = whole; i < count; ++i) {
      member.wait();
      use_rows(i, member.index, [&](const ImageRows& rows) {
        plan_.run({rows, arenas_.front(), logits + i * classes_of_one}, member);
      });
    }
  });
  check_finite(logits, count, classes_of_one);
}

}  // namespace tern::engine
