#include "tern/data/image_listing.h"

#include <algorithm>
#include <system_error>

#include "tern/core/error.h"
#include "tern/data/image_file.h"

namespace tern {
namespace fs = std::filesystem;
namespace {

class Lister {
 public:
  explicit Lister(const fs::path& root) : root_(root) {}

  void list(const fs::path& folder, ImageListing& listing) {
    enter(folder);
    for (const fs::directory_entry& entry : visible_entries(folder)) {
      if (is_folder(entry)) {
        list(entry.path(), listing);
        continue;
      }
      if (has_image_suffix(entry.path())) {
        listing.images.push_back(entry.path().lexically_relative(root_).string());
      } else {
        ++listing.ignored[lower_suffix(entry.path())];
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

}  // namespace

std::vector<fs::directory_entry> visible_entries(const fs::path& folder) {
  std::vector<fs::directory_entry> entries;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (!it->path().filename().string().starts_with('.')) entries.push_back(*it);
  }
  require<DataError>(!error, "{}: the folder cannot be read: {}", folder.string(), error.message());
  return entries;
}

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

ImageListing list_images(const fs::path& root, const fs::path& folder) {
  ImageListing listing;
  Lister(root).list(folder, listing);
  std::sort(listing.images.begin(), listing.images.end());
  return listing;
}

}  // namespace tern
