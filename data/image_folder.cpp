#include "tern/data/image_folder.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <system_error>

#include "tern/core/error.h"
#include "tern/core/quote.h"
#include "tern/data/image_listing.h"

namespace tern {
namespace fs = std::filesystem;
namespace {

std::string layout(const fs::path& root) {
  return fmt::format("expected one folder per class, such as {0}/cat/1.jpg and {0}/dog/2.jpg", root.string());
}

std::string describe(const std::map<std::string, std::int64_t>& suffixes) {
  if (suffixes.empty()) return "the folder is empty";
  std::vector<std::string> parts;
  for (const auto& [suffix, count] : suffixes) {
    parts.push_back(fmt::format("{} {}", count, suffix.empty() ? "without suffix" : suffix));
  }
  return fmt::format("found: {}", fmt::join(parts, ", "));
}

}  // namespace

ImageFolder::ImageFolder(fs::path path, const ImageOptions& options) : ImageFiles(std::move(path), options) {
  std::error_code error;
  const fs::file_status status = fs::status(root(), error);
  require<DataError>(fs::exists(status), "{}: no such folder; {}", root().string(), layout(root()));
  require<DataError>(fs::is_directory(status), "{}: is a file; {}", root().string(), layout(root()));
  int files = 0;
  for (const fs::directory_entry& entry : visible_entries(root())) {
    if (is_folder(entry)) {
      class_names_.push_back(entry.path().filename().string());
    } else {
      ++ignored_files_[lower_suffix(entry.path())];
      ++files;
    }
  }
  require<DataError>(!class_names_.empty(), "{}: holds no class folders, but {} files; {}", root().string(),
                     files, layout(root()));
  for (const std::string& name : class_names_) {
    require<DataError>(is_utf8(name), "{}/{}: the name of the class is not UTF-8; rename the folder",
                       root().string(), printable(name));
  }
  std::sort(class_names_.begin(), class_names_.end());
  for (std::size_t label = 0; label < class_names_.size(); ++label) {
    list_class(static_cast<std::int64_t>(label));
  }
}

void ImageFolder::list_class(std::int64_t label) {
  const fs::path folder = root() / class_names_[static_cast<std::size_t>(label)];
  ImageListing listing = list_images(root(), folder);
  require<DataError>(!listing.images.empty(),
                     "{}: the class has no {} file ({}); add images or remove the folder", folder.string(),
                     kImageSuffixes, describe(listing.ignored));
  for (std::string& path : listing.images) files_.push_back({std::move(path), label});
  for (const auto& [suffix, count] : listing.ignored) ignored_files_[suffix] += count;
}

}  // namespace tern
