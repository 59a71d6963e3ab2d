#include "tern/apps/inputs/resize_images.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "tern/core/atomic_file.h"
#include "tern/core/error.h"
#include "tern/core/file_lock.h"
#include "tern/data/image_listing.h"
#include "tern/data/jpeg.h"
#include "tern/data/png.h"
#include "tern/data/read_file.h"
#include "tern/data/resize.h"

namespace tern {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSettingsFile = ".tern-resize";
constexpr const char* kLockFile = ".tern-resize.lock";

bool is_below(const fs::path& path, const fs::path& folder) {
  const fs::path inner = fs::weakly_canonical(path), outer = fs::weakly_canonical(folder);
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

std::string settings_of(const ResizeJob& job) {
  const std::string format = job.format == "png" ? "png" : fmt::format("jpeg of quality {}", job.quality);
  return fmt::format("shorter side {}, {}\n", job.size, format);
}

/// The folder of the result, held against other processes. What an earlier call left there is known by its
/// settings.
class OutputFolder {
 public:
  explicit OutputFolder(const ResizeJob& job) {
    const fs::path out = job.out;
    require<DataError>(!is_below(out, job.source), "{}: is below {}, whose images it would become", job.out,
                       job.source);
    fs::create_directories(out);
    const fs::path file = out / kSettingsFile;
    const bool goes_on = fs::exists(file);
    require<DataError>(goes_on || fs::is_empty(out), "{}: exists already; remove it or name another folder",
                       job.out);
    lock_.emplace(out / kLockFile);
    if (goes_on) {
      check_settings(file, job);
    } else {
      write_file_atomically(file, settings_of(job));
    }
  }

 private:
  static void check_settings(const fs::path& file, const ResizeJob& job) {
    const std::vector<std::uint8_t> bytes = read_file(file, 1 << 10);
    const std::string found(bytes.begin(), bytes.end());
    require<DataError>(found == settings_of(job),
                       "{}: holds images of {}; go on with those settings or name another folder", job.out,
                       found.substr(0, found.find('\n')));
  }

  std::optional<FileLock> lock_;
};

/// The file of the smaller picture; nothing if it is no larger as it is.
std::vector<std::uint8_t> resized(const std::vector<std::uint8_t>& bytes, const std::string& name,
                                  const ResizeJob& job) {
  const Image image = decode_image(bytes, name, job.images);
  if (std::min(image.height, image.width) <= job.size) return {};
  const Image smaller = resize_shorter_side(view_of(image), job.size, Interpolation::bicubic);
  if (job.format == "png") return encode_png(smaller);
  require<DataError>(std::max(smaller.height, smaller.width) <= kMaxJpegSide,
                     "{}: has {}x{} pixels (height x width) once resized, and a JPEG at most {} on a side; "
                     "--format png takes it",
                     name, smaller.height, smaller.width, kMaxJpegSide);
  return encode_jpeg(smaller, job.quality, ChromaSubsampling::halved);
}

class Resizing {
 public:
  Resizing(const ResizeJob& job, const ResizeReports& reports) : job_(job), reports_(reports) {
    ImageListing listing = list_images(job.source, job.source);
    paths_ = std::move(listing.images);
    require<DataError>(!paths_.empty(), "{}: no file below it ends in {}", job.source, kImageSuffixes);
    for (const auto& [suffix, count] : listing.ignored) counts_.ignored += count;
    reports_.begin(size());
  }

  ResizeCounts run() {
    {
      std::vector<std::jthread> workers;
      try {
        for (int i = 1; i < job_.threads; ++i) workers.emplace_back([this] { work(); });
      } catch (...) {
        failed_ = true;  // those that were started end with what they have begun
        throw;
      }
      work();
    }
    if (failure_ != nullptr) std::rethrow_exception(failure_);
    counts_.stopped = next_ < size();
    return counts_;
  }

 private:
  std::int64_t size() const { return static_cast<std::int64_t>(paths_.size()); }

  void work() noexcept {
    try {
      while (!failed_ && !reports_.stop()) {
        const std::int64_t index = next_.fetch_add(1);
        if (index >= size()) return;
        const std::string& path = paths_[static_cast<std::size_t>(index)];
        std::string error;
        std::int64_t ResizeCounts::*const outcome = resize(path, error);
        const std::lock_guard lock(mutex_);
        ++(counts_.*outcome);
        if (!error.empty()) reports_.bad_image(error);
        reports_.advance(++done_);
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
      failed_ = true;
    }
  }

  /// Which of the counts it adds to.
  std::int64_t ResizeCounts::*resize(const std::string& path, std::string& error) const {
    const fs::path from = fs::path(job_.source) / path, to = fs::path(job_.out) / path;
    if (fs::exists(to)) return &ResizeCounts::present;
    std::vector<std::uint8_t> bytes;
    bool is_copy = false;
    try {
      bytes = read_file(from, job_.images.max_file_bytes);
      std::vector<std::uint8_t> smaller = resized(bytes, from.string(), job_);
      is_copy = smaller.empty();
      if (!is_copy) bytes = std::move(smaller);
    } catch (const DataError& bad) {
      error = bad.what();
      return &ResizeCounts::bad;
    }
    fs::create_directories(to.parent_path());
    write_file_atomically(to, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return is_copy ? &ResizeCounts::copied : &ResizeCounts::written;
  }

  const ResizeJob& job_;
  const ResizeReports& reports_;
  std::vector<std::string> paths_;
  std::atomic<std::int64_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;  // guards what follows
  ResizeCounts counts_;
  std::int64_t done_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

ResizeCounts resize_images(const ResizeJob& job, const ResizeReports& reports) {
  try {
    Resizing resizing(job, reports);
    const OutputFolder out(job);
    return resizing.run();
  } catch (const fs::filesystem_error& error) {
    throw DataError(job.out + ": cannot be written: " + error.what());
  }
}

}  // namespace tern
