#include "tern/apps/inputs/pictures.h"

#include <filesystem>

#include "tern/apps/inputs/describe_data.h"
#include "tern/core/error.h"
#include "tern/data/image_file.h"
#include "tern/data/image_listing.h"

namespace tern {

Pictures find_pictures(const std::vector<std::string>& arguments) {
  namespace fs = std::filesystem;
  Pictures pictures;
  for (const std::string& argument : arguments) {
    std::error_code ignored_error;  // what cannot be read says so when it is opened
    if (!fs::is_directory(argument, ignored_error)) {
      pictures.paths.push_back(argument);
      continue;
    }
    const ImageListing listing = list_images(argument, argument);
    const std::string ignored = describe_ignored(listing.ignored);
    require<DataError>(!listing.images.empty(), "{}: the folder has no {} file{}{}", argument, kImageSuffixes,
                       ignored.empty() ? "" : "; ", ignored);
    for (const std::string& image : listing.images) pictures.paths.push_back(fs::path(argument) / image);
    pictures.messages.push_back(fmt::format("{}: {} images{}{}", argument, listing.images.size(),
                                            ignored.empty() ? "" : "; ", ignored));
  }
  return pictures;
}

}  // namespace tern
