// How both targets mutate files of models. Half of the mutations are libFuzzer's; the others, of whole words,
// keep the header JSON more often. Both change the length of the header, which most of the files get
// corrected, or hardly any would be read beyond it.
#include "tests/fuzz/mutator.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

using Random = std::minstd_rand;

constexpr std::size_t kLengthBytes = 8;
constexpr std::string_view kHeaderEnd = "}}";  // of the files in the corpus
constexpr std::string_view kDelimiters = ",:[]{}\"\\";
constexpr std::array<std::string_view, 11> kWords{
    "0", "1", "-1", "0.5", "1e-320", "1e39", "8192", "18446744073709551615", "null", "U8", "I8"};

constexpr std::size_t kGoodFiles = 64;
std::vector<std::string> good_files;  // the last ones, in a ring
std::size_t good_files_seen = 0;

/// Behind the length and before the data.
std::string_view header_of(std::string_view file) {
  const std::size_t end = file.rfind(kHeaderEnd);
  if (end == std::string_view::npos || end < kLengthBytes) return {};
  return file.substr(kLengthBytes, end + kHeaderEnd.size() - kLengthBytes);
}

/// A random word of the header with the delimiter behind it; seldom a delimiter alone, because hardly any can
/// be changed and leave JSON.
std::string_view random_word(std::string_view header, Random& random) {
  const auto is_delimiter = [](char c) { return kDelimiters.find(c) != std::string_view::npos; };
  const auto words = std::count_if(header.begin(), header.end(), is_delimiter);
  std::string_view word;
  do {
    std::size_t begin = 0;
    for (auto skipped = static_cast<std::ptrdiff_t>(random()) % words; skipped > 0; --skipped) {
      begin = header.find_first_of(kDelimiters, begin) + 1;
    }
    word = header.substr(begin, header.find_first_of(kDelimiters, begin) + 1 - begin);
  } while (word.size() == 1 && random() % 16 != 0);
  return word;
}

/// Removes, copies or replaces a word of the header.
std::string change_word(std::string_view file, Random& random) {
  const std::string_view header = header_of(file);
  if (header.empty()) return std::string(file);
  const std::string_view word = random_word(header, random), other = random_word(header, random);
  std::string replacement;
  switch (random() % 4) {
    case 0:
      break;
    case 1:
      replacement = other;
      replacement.back() = word.back();
      break;
    case 2:
      replacement = std::string(word) + std::string(other);
      break;
    case 3:
      replacement = std::string(kWords[random() % kWords.size()]) + word.back();
      break;
  }
  std::string changed(file);
  changed.replace(static_cast<std::size_t>(word.data() - file.data()), word.size(), replacement);
  return changed;
}

void correct_length(std::uint8_t* data, std::size_t size) {
  const std::uint64_t length = header_of({reinterpret_cast<const char*>(data), size}).size();
  if (length > 0) std::memcpy(data, &length, kLengthBytes);
}

}  // namespace

void remember_good_file(const std::uint8_t* data, std::size_t size) {
  if (good_files.size() < kGoodFiles) good_files.emplace_back();
  good_files[good_files_seen++ % kGoodFiles].assign(reinterpret_cast<const char*>(data), size);
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  Random random(seed);
  if (!good_files.empty() && random() % 4 == 0) {
    const std::string& file = good_files[random() % good_files.size()];
    size = std::min(file.size(), max_size);
    std::memcpy(data, file.data(), size);
  }
  if (random() % 2 == 0) {
    size = LLVMFuzzerMutate(data, size, max_size);
  } else {
    const std::string changed = change_word({reinterpret_cast<const char*>(data), size}, random);
    size = std::min(changed.size(), max_size);
    std::memcpy(data, changed.data(), size);
  }
  if (random() % 16 != 0) correct_length(data, size);
  return size;
}
