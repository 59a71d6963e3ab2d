#include "tern/apps/inputs/open_dataset.h"

#include <fmt/ranges.h>

#include <filesystem>
#include <utility>

#include "tern/core/error.h"
#include "tern/data/cifar.h"
#include "tern/data/idx.h"
#include "tern/data/image_folder.h"

namespace tern {

namespace {

using OpenDataset = std::unique_ptr<Dataset> (*)(const DatasetSource&);

template <CifarVariant variant>
std::unique_ptr<Dataset> open_cifar(const DatasetSource& source) {
  return std::make_unique<CifarDataset>(source.path, variant, source.split);
}

std::filesystem::path place_of(const DatasetSource& source) {
  const std::filesystem::path path = source.path;
  return source.part.empty() ? path : path / source.part;
}

// One line for each format.
const std::vector<std::pair<std::string, OpenDataset>> kFormats = {
    {"image_folder",
     [](const DatasetSource& source) -> std::unique_ptr<Dataset> {
       return std::make_unique<ImageFolder>(place_of(source), source.images);
     }},
    {"csv",
     [](const DatasetSource& source) -> std::unique_ptr<Dataset> {
       return std::make_unique<CsvImages>(place_of(source), source.columns, source.images);
     }},
    {"cifar10", open_cifar<CifarVariant::cifar10>},
    {"cifar100", open_cifar<CifarVariant::cifar100>},
    {"idx",
     [](const DatasetSource& source) -> std::unique_ptr<Dataset> {
       return std::make_unique<IdxDataset>(source.path, source.split);
     }},
};

}  // namespace

std::vector<std::string> dataset_formats() {
  std::vector<std::string> names;
  for (const auto& [name, open] : kFormats) names.push_back(name);
  return names;
}

std::unique_ptr<Dataset> open_dataset(const DatasetSource& source) {
  for (const auto& [name, open] : kFormats) {
    if (name == source.format) return open(source);
  }
  throw ConfigError(
      fmt::format("data.format: \"{}\" is not one of {}", source.format, fmt::join(dataset_formats(), ", ")));
}

BadImagePolicy parse_bad_image_policy(const std::string& name) {
  require<ConfigError>(name == "fail" || name == "skip", "\"{}\" is not a bad-image policy: fail or skip",
                       name);
  return name == "fail" ? BadImagePolicy::fail : BadImagePolicy::skip;
}

}  // namespace tern
