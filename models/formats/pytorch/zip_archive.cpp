#include <zip.h>

#include <optional>

#include "tern/core/error.h"
#include "tern/core/quote.h"
#include "tern/models/formats/pytorch/archive.h"
#include "tern/models/formats/pytorch/pickle_reader.h"

namespace tern::pytorch {
namespace {

constexpr std::string_view kPickle = "/data.pkl";

struct CloseZip {
  void operator()(zip_t* zip) const { zip_discard(zip); }
};
struct CloseEntry {
  void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};
using Zip = std::unique_ptr<zip_t, CloseZip>;

Zip open_zip(const std::string& path) {
  int code = 0;
  Zip zip(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (zip) return zip;
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string reason = zip_error_strerror(&error);
  zip_error_fini(&error);
  throw DataError(fmt::format("{}: cannot be read as a zip archive: {}; the file was cut off or is damaged",
                              path, reason));
}

class ZipArchive final : public Archive {
 public:
  ZipArchive(const std::string& path, std::uint64_t file_bytes)
      : path_(path), file_bytes_(file_bytes), zip_(open_zip(path)), folder_(find_folder()) {
    check_byte_order();
    const std::string name = folder_ + std::string(kPickle);
    require<DataError>(size_of_entry(name) <= PickleReader::kMaxBytes, "{}: {} has more than {} bytes", path_,
                       quote(name), PickleReader::kMaxBytes);
    pickle_ = read_entry(name);
    PickleReader& reader =
        reader_.emplace(std::string_view(pickle_.data(), pickle_.size()), path_ + ": data.pkl");
    root_ = &reader.read();
  }

  const Value& root() const override { return *root_; }

  std::vector<char> read(const Storage& storage) override {
    const std::string name = fmt::format("{}/data/{}", folder_, storage.key);
    const std::uint64_t size = size_of_entry(name), element = size_of(storage.type);
    require<DataError>(size % element == 0 && size / element == static_cast<std::uint64_t>(storage.numel),
                       "{}: {} has {} bytes; its tensors say {} elements of {} bytes", path_, quote(name),
                       size, storage.numel, element);
    return read_entry(name);
  }

 private:
  // The name before "/data.pkl".
  std::string find_folder() const {
    const zip_int64_t count = zip_get_num_entries(zip_.get(), 0);
    for (zip_int64_t i = 0; i < count; ++i) {
      const char* name = zip_get_name(zip_.get(), static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
      const std::string_view text = name != nullptr ? name : "";
      if (text.ends_with(kPickle)) return std::string(text.substr(0, text.size() - kPickle.size()));
    }
    throw DataError(path_ + ": is a zip archive without data.pkl; torch.save writes one");
  }

  void check_byte_order() const {
    const std::string name = folder_ + "/byteorder";
    if (zip_name_locate(zip_.get(), name.c_str(), ZIP_FL_ENC_RAW) < 0) return;  // before PyTorch 2.1
    const std::vector<char> order = read_entry(name);
    require<DataError>(std::string_view(order.data(), order.size()) == "little",
                       "{}: its byte order is {}, expected \"little\"", path_,
                       quote({order.data(), order.size()}));
  }

  // Checks that the entry is stored as torch.save does, uncompressed: it cannot be larger than the file.
  std::uint64_t size_of_entry(const std::string& name) const {
    zip_stat_t status;
    zip_stat_init(&status);
    require<DataError>(zip_stat(zip_.get(), name.c_str(), ZIP_FL_ENC_RAW, &status) == 0,
                       "{}: there is no {} in the archive", path_, quote(name));
    constexpr zip_uint64_t kNeeded = ZIP_STAT_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    require<DataError>((status.valid & kNeeded) == kNeeded && status.comp_method == ZIP_CM_STORE &&
                           status.encryption_method == ZIP_EM_NONE,
                       "{}: {} is compressed or encrypted, which torch.save does not", path_, quote(name));
    require<DataError>(status.size <= file_bytes_, "{}: {} has {} bytes, more than the file", path_,
                       quote(name), status.size);
    return status.size;
  }

  // libzip checks the CRC-32 when it comes to the end.
  std::vector<char> read_entry(const std::string& name) const {
    std::vector<char> bytes(size_of_entry(name));
    const std::unique_ptr<zip_file_t, CloseEntry> entry(zip_fopen(zip_.get(), name.c_str(), ZIP_FL_ENC_RAW));
    require<DataError>(entry != nullptr, "{}: {}: {}", path_, quote(name), zip_strerror(zip_.get()));
    const zip_int64_t got = bytes.empty() ? 0 : zip_fread(entry.get(), bytes.data(), bytes.size());
    char behind;
    const bool whole =
        got == static_cast<zip_int64_t>(bytes.size()) && zip_fread(entry.get(), &behind, 1) == 0;
    require<DataError>(whole, "{}: {}: {}; the file is damaged", path_, quote(name),
                       zip_file_strerror(entry.get()));
    return bytes;
  }

  std::string path_;
  std::uint64_t file_bytes_;
  Zip zip_;
  std::string folder_;
  std::vector<char> pickle_;
  std::optional<PickleReader> reader_;
  const Value* root_ = nullptr;
};

}  // namespace

std::unique_ptr<Archive> open_zip_archive(const std::string& path, std::uint64_t file_bytes) {
  return std::make_unique<ZipArchive>(path, file_bytes);
}

}  // namespace tern::pytorch
