#include "tern/data/image_folder.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <system_error>

#include "tern/core/error.h"
#include "tern/core/quote.h"

namespace tern {
namespace fs = std::filesystem;
namespace {

std::string layout(const fs::path& root) {
  return fmt::format("expected one folder per class, such as {0}/cat/1.jpg and {0}/dog/2.jpg", root.string());
}

/// The visible entries of a folder.
std::vector<fs::directory_entry> entries_of(const fs::path& folder) {
  std::vector<fs::directory_entry> entries;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (!it->path().filename().string().starts_with('.')) entries.push_back(*it);
  }
  require<DataError>(!error, "{}: the folder cannot be read: {}", folder.string(), error.message());
  return entries;
}

// A broken link is no folder: it counts as a file, whose loading then fails with its name.
bool is_folder(const fs::directory_entry& entry) {
  std::error_code ignored;
  return entry.is_directory(ignored);
}

std::string lower_suffix(const fs::path& path) {
  std::string suffix = path.extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                 [](unsigned char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return suffix;
}

// Everything below the folder of one class.
struct Listing {
  std::vector<std::string> images;                     // paths below the root
  std::map<std::string, std::int64_t> other_suffixes;  // how many files have each
};

class Lister {
 public:
  explicit Lister(const fs::path& root) : root_(root) {}

  void list(const fs::path& folder, Listing& listing) {
    enter(folder);
    for (const fs::directory_entry& entry : entries_of(folder)) {
      if (is_folder(entry)) {
        list(entry.path(), listing);
        continue;
      }
      if (has_image_suffix(entry.path())) {
        listing.images.push_back(entry.path().lexically_relative(root_).string());
      } else {
        ++listing.other_suffixes[lower_suffix(entry.path())];
      }
    }
    ancestors_.pop_back();
  }

 private:
  // A link to a folder above itself would make the walk endless.
  void enter(const fs::path& folder) {
    std::error_code error;
    fs::path canonical = fs::canonical(folder, error);
    require<DataError>(!error, "{}: the folder cannot be read: {}", folder.string(), error.message());
    require<DataError>(std::find(ancestors_.begin(), ancestors_.end(), canonical) == ancestors_.end(),
                       "{}: is a symbolic link to {}, a folder above it; remove the link", folder.string(),
                       canonical.string());
    ancestors_.push_back(std::move(canonical));
  }

  fs::path root_;
  std::vector<fs::path> ancestors_;
};

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
  for (const fs::directory_entry& entry : entries_of(root())) {
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
  Listing listing;
  Lister(root()).list(folder, listing);
  require<DataError>(!listing.images.empty(),
                     "{}: the class has no {} file ({}); add images or remove the folder", folder.string(),
                     kImageSuffixes, describe(listing.other_suffixes));
  std::sort(listing.images.begin(), listing.images.end());
  for (std::string& path : listing.images) files_.push_back({std::move(path), label});
  for (const auto& [suffix, count] : listing.other_suffixes) ignored_files_[suffix] += count;
}

}  // namespace tern
