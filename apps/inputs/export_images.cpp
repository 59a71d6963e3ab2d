#include "tern/apps/inputs/export_images.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "tern/apps/inputs/open_dataset.h"
#include "tern/core/error.h"
#include "tern/data/jpeg.h"

namespace tern {
namespace {

namespace fs = std::filesystem;

void write_bytes(const fs::path& path, const std::vector<std::uint8_t>& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  file.close();
  require<DataError>(!file.fail(), "{}: cannot be written; is the disk full?", path.string());
}

void export_split(const Dataset& dataset, const fs::path& folder, int quality) {
  // A class without images gets no folder, which training would refuse.
  for (std::int64_t i = 0; i < dataset.size(); ++i) {
    const Sample sample = dataset.load(i);
    const std::string& name = dataset.class_names()[static_cast<std::size_t>(sample.label)];
    fs::create_directories(folder / name);
    write_bytes(folder / name / fmt::format("{:06}.jpg", i), encode_jpeg(sample.image, quality));
  }
}

void remove_quietly(const fs::path& path) {
  std::error_code ignored;  // there is a failure to report already
  fs::remove_all(path, ignored);
}

}  // namespace

void export_images(const std::string& format, const std::string& source, const std::string& out,
                   int quality) {
  // "OUT/" names the folder OUT; its temporary neighbour must not become OUT/.tmp.
  const fs::path folder = fs::path(out).has_filename() ? fs::path(out) : fs::path(out).parent_path();
  const fs::path temporary = folder.string() + ".tmp";
  for (const fs::path& path : {folder, temporary}) {
    require<DataError>(!fs::exists(fs::symlink_status(path)),
                       "{}: exists already; remove it or name another folder", path.string());
  }
  const auto training = open_dataset({format, source, "", Split::train, {}});
  const auto test = open_dataset({format, source, "", Split::test, {}});
  try {
    export_split(*training, temporary / "train", quality);
    export_split(*test, temporary / "test", quality);
    fs::rename(temporary, folder);
  } catch (const fs::filesystem_error& error) {
    remove_quietly(temporary);
    throw DataError(out + ": cannot be written: " + error.what());
  } catch (...) {
    remove_quietly(temporary);
    throw;
  }
}

}  // namespace tern
