// Names of classes: of networks that come without, and in messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tern {

/// From a text file, one name a line, or a folder with a sub-folder for each class, in the order of an image
/// folder's labels (data/image_folder.h). Throws DataError naming `path`.
std::vector<std::string> read_class_names(const std::string& path);

/// ImageNet's for 1000 classes, else "0", "1", ...
std::vector<std::string> default_class_names(std::int64_t count);

/// "cat, dog, frog", of many the first ones and "...".
std::string describe_classes(const std::vector<std::string>& names);

/// How two lists differ: "zcat only in the training images; cat only in the validation images". Empty if they
/// do not.
std::string describe_class_difference(const std::vector<std::string>& first, const std::string& in_first,
                                      const std::vector<std::string>& second, const std::string& in_second);

/// Those of ImageNet's 1000 classes (ILSVRC 2012) in the order of the sorted names of its folders, which end
/// with semicolons and line breaks.
std::string_view imagenet_class_names();

}  // namespace tern
