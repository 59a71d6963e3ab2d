#include "tern/data/digits_writer.h"

#include <fstream>
#include <ios>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "tern/core/error.h"
#include "tern/data/digits.h"
#include "tern/data/jpeg.h"
#include "tern/data/split.h"

namespace tern {
namespace {

namespace fs = std::filesystem;

constexpr int kJpegQuality = 92;
constexpr const char* kDescriptionFile = "DATASET.txt";
constexpr const char* kTitle = "Generated digits, a data set of Tern";

std::string first_line_of(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// Nothing of the user's may be lost: only what write_digits itself made is ever removed.
void check_replaceable(const fs::path& path) {
  if (!fs::exists(fs::symlink_status(path))) return;
  require<DataError>(fs::is_directory(path), "{}: exists and is not a folder; name another", path.string());
  require<DataError>(fs::is_empty(path) || first_line_of(path / kDescriptionFile) == kTitle,
                     "{}: is not empty and holds no generated digits; name another folder or empty it",
                     path.string());
}

void write_file(const fs::path& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  require<DataError>(!file.fail(), "{}: cannot be written; is the disk full or read-only?", path.string());
}

void write_split(const fs::path& folder, Split split, std::int64_t count, std::uint64_t seed) {
  for (int digit = 0; digit < 10; ++digit) fs::create_directories(folder / std::to_string(digit));
  for (std::int64_t index = 0; index < count; ++index) {
    int label = 0;
    const Image image = render_digit(seed, split, static_cast<std::uint32_t>(index), label);
    const std::vector<std::uint8_t> jpeg = encode_jpeg(image, kJpegQuality);
    write_file(folder / std::to_string(label) / fmt::format("{:06}.jpg", index),
               {reinterpret_cast<const char*>(jpeg.data()), jpeg.size()});
  }
}

std::string description(const DigitsConfig& config) {
  return fmt::format(
      "{}\n\ntrain: {} images\ntest: {} images\nseed: {}\nsize: {}x{} RGB\nclasses: 0 to 9\njpeg quality: "
      "{}\n",
      kTitle, config.train_count, config.test_count, config.seed, kDigitSize, kDigitSize, kJpegQuality);
}

void check(const DigitsConfig& config) {
  constexpr std::int64_t kMinCount = 10, kMaxCount = 10'000'000;
  for (const std::int64_t count : {config.train_count, config.test_count}) {
    require<ConfigError>(count >= kMinCount && count <= kMaxCount,
                         "digits: {} images for a split; {} to {} are possible", count, kMinCount, kMaxCount);
  }
}

void write_and_rename(const fs::path& out, const DigitsConfig& config) {
  const fs::path temporary = out.string() + ".tmp";
  check_replaceable(out);
  check_replaceable(temporary);
  fs::remove_all(temporary);  // of a run that was interrupted
  fs::create_directories(temporary);
  // First, so that the rest is known for ours if it stays behind.
  write_file(temporary / kDescriptionFile, description(config));
  write_split(temporary / "train", Split::train, config.train_count, config.seed);
  write_split(temporary / "test", Split::test, config.test_count, config.seed);
  fs::remove_all(out);
  fs::rename(temporary, out);
}

}  // namespace

void write_digits(const fs::path& out, const DigitsConfig& config) {
  check(config);
  // "OUT/" names the folder OUT; its temporary neighbour must not become OUT/.tmp.
  const fs::path folder = out.has_filename() ? out : out.parent_path();
  try {
    write_and_rename(folder, config);
  } catch (const fs::filesystem_error& error) {
    throw DataError(fmt::format("{}: cannot write the digits: {}", folder.string(), error.what()));
  }
}

}  // namespace tern
