#include "tern/models/model_format.h"

#include "tern/core/error.h"

namespace tern {

std::string check_model_format(const Metadata& metadata, const std::string& path) {
  const auto format = metadata.find("format");
  require<DataError>(
      format != metadata.end() && (format->second == kCheckpointFormat || format->second == kMergedFormat),
      "{}: not a model of Tern: metadata \"format\" is {}; tern-train and tern-merge write models. A state "
      "dict of PyTorch can be a teacher, if training.teacher_model names its network",
      path, format == metadata.end() ? "missing" : "\"" + format->second + "\"");
  const std::string& version = required_metadata(metadata, path, "format_version");
  require<DataError>(version == kModelFormatVersion,
                     "{}: format version {} is not {}; written by another version of Tern", path, version,
                     kModelFormatVersion);
  return format->second;
}

const std::string& required_metadata(const Metadata& metadata, const std::string& path,
                                     const std::string& key) {
  const auto found = metadata.find(key);
  require<DataError>(found != metadata.end(), "{}: metadata \"{}\" is missing", path, key);
  return found->second;
}

}  // namespace tern
