// The image files below a folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace tern {

struct ImageListing {
  std::vector<std::string> images;              // paths below the root, sorted bytewise
  std::map<std::string, std::int64_t> ignored;  // how many other files have each suffix, in lower case
};

/// The files below `folder`, nested or not, that end like images (has_image_suffix), and how many do not.
/// `folder` is `root` or below it. Symbolic links are followed; names that begin with a dot are left out.
/// Throws DataError for a folder that cannot be read and for a link to a folder above itself.
ImageListing list_images(const std::filesystem::path& root, const std::filesystem::path& folder);

/// The entries of one folder but those that begin with a dot.
std::vector<std::filesystem::directory_entry> visible_entries(const std::filesystem::path& folder);

/// Links are followed. A broken one is no folder: it counts as a file, whose loading then fails with its
/// name.
bool is_folder(const std::filesystem::directory_entry& entry);

/// The suffix of a file's name in lower case (of ASCII), with its dot.
std::string lower_suffix(const std::filesystem::path& path);

}  // namespace tern
