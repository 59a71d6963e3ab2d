#pragma once

#include <string>
#include <vector>

namespace tern {

struct Pictures {
  std::vector<std::string> paths;
  std::vector<std::string> messages;  ///< "photos: 12 images; 3 files ignored (.txt 3)", one for each folder
};

/// The files of `arguments`, in their order; in place of a folder its images, nested or not, sorted by path
/// (data/image_listing.h). Throws DataError for a folder without images.
Pictures find_pictures(const std::vector<std::string>& arguments);

}  // namespace tern
