// Copies a folder of images at a smaller size, so that training need not decode large ones in every epoch.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "tern/data/image_file.h"

namespace tern {

struct ResizeJob {
  std::string source;           // folder of images, nested or not
  std::string out;              // folder, not below `source`; made where there is none
  int size = 256;               // of the shorter side
  std::string format = "jpeg";  // or "png"
  int quality = 95;             // of JPEGs, 1 to 100
  int threads = 1;              // at least 1
  ImageOptions images;
};

/// How far the work is, called by one thread at a time.
struct ResizeReports {
  std::function<void(std::int64_t total)> begin;
  std::function<void(std::int64_t done)> advance;
  std::function<void(std::string_view error)> bad_image;
  std::function<bool()> stop;  // asked between images, by several threads at once
};

struct ResizeCounts {
  std::int64_t written = 0;
  std::int64_t copied = 0;   // byte for byte, since they are no larger
  std::int64_t present = 0;  // from an earlier call
  std::int64_t bad = 0;
  std::int64_t ignored = 0;  // files that are no images
  bool stopped = false;
};

/// Resizes by Pillow's bicubic filter, upright as EXIF says, transparent pixels on the background. A picture
/// keeps its path and whole name, whatever its format, so that tables of paths stay right. Each file is there
/// whole or not at all, and one that is there is left alone: a call that was interrupted is taken up by the
/// same call. Throws DataError for an `out` that holds anything else, or pictures of other settings, or that
/// cannot be written.
ResizeCounts resize_images(const ResizeJob& job, const ResizeReports& reports);

}  // namespace tern
