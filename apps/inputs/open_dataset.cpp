#include "tern/apps/inputs/open_dataset.h"

#include <filesystem>

#include "tern/core/error.h"
#include "tern/data/cifar.h"
#include "tern/data/idx.h"
#include "tern/data/image_folder.h"

namespace tern {

std::unique_ptr<Dataset> open_dataset(const DatasetSource& source) {
  const std::filesystem::path path = source.path;
  if (source.format == "image_folder") {
    return std::make_unique<ImageFolder>(source.folder.empty() ? path : path / source.folder, source.limits);
  }
  if (source.format == "cifar10")
    return std::make_unique<CifarDataset>(path, CifarVariant::cifar10, source.split);
  if (source.format == "cifar100")
    return std::make_unique<CifarDataset>(path, CifarVariant::cifar100, source.split);
  if (source.format == "idx") return std::make_unique<IdxDataset>(path, source.split);
  throw ConfigError("data.format: \"" + source.format +
                    "\" is not one of image_folder, cifar10, cifar100, idx");
}

BadImagePolicy parse_bad_image_policy(const std::string& name) {
  require<ConfigError>(name == "fail" || name == "skip", "\"{}\" is not a bad-image policy: fail or skip",
                       name);
  return name == "fail" ? BadImagePolicy::fail : BadImagePolicy::skip;
}

}  // namespace tern
