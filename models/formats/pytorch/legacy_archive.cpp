#include <algorithm>
#include <map>

#include "tern/core/error.h"
#include "tern/core/quote.h"
#include "tern/models/formats/pytorch/archive.h"
#include "tern/models/formats/pytorch/pickle_reader.h"

namespace tern::pytorch {
namespace {

constexpr std::string_view kMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr std::int64_t kVersion = 1001;

// The pickles stand at the start; how long they are is known when they have been read.
std::string read_start(const ByteSource& file) {
  std::string bytes(std::min<std::uint64_t>(file.size(), PickleReader::kMaxBytes), '\0');
  file.read(0, bytes.data(), bytes.size());
  return bytes;
}

class LegacyArchive final : public Archive {
 public:
  explicit LegacyArchive(std::unique_ptr<ByteSource> file)
      : file_(std::move(file)), start_(read_start(*file_)), reader_(start_, file_->name()) {
    check_magic();
    check_system();
    root_ = &reader_.read();
    const Value& keys = reader_.read();
    unplaced_ = reader_.storages();
    place_storages(keys);
  }

  const Value& root() const override { return *root_; }

  std::vector<char> read(const Storage& storage) override {
    std::vector<char> elements(bytes_of(storage));
    file_->read(offsets_.at(storage.key), elements.data(), elements.size());
    return elements;
  }

 private:
  void check_magic() {
    const auto* magic = reader_.read().as<BigInteger>();
    require<DataError>(magic != nullptr && magic->bytes == kMagic,
                       "{}: byte 0: starts with a pickle, but not as a file of torch.save does", name());
    const auto* version = reader_.read().as<std::int64_t>();
    require<DataError>(version != nullptr && *version == kVersion, "{}: its format is not of version {}",
                       name(), kVersion);
  }

  // {"protocol_version": 1001, "little_endian": True, "type_sizes": {...}}
  void check_system() {
    const Value& system = reader_.read();
    const auto* entries = system.as<Dict>();
    require<DataError>(entries != nullptr, "{}: what describes the machine is {}, expected a dict", name(),
                       kind_of(system));
    for (const auto& [key, value] : *entries) {
      const auto* text = key->as<std::string_view>();
      if (text == nullptr || *text != "little_endian") continue;
      const bool* little = value->as<bool>();
      require<DataError>(little != nullptr && *little, "{}: was written by a big-endian machine", name());
    }
  }

  void place_storages(const Value& keys) {
    const auto* list = keys.as<Sequence>();
    require<DataError>(list != nullptr, "{}: its list of storages is {}, expected a list", name(),
                       kind_of(keys));
    std::uint64_t offset = reader_.position();
    for (const Value* key : *list) offset = place_storage(*key, offset);
    require<DataError>(unplaced_.empty(), "{}: storage {} is not in its list of storages", name(),
                       unplaced_.empty() ? "" : quote(unplaced_.begin()->first));
    require<DataError>(offset == file_->size(), "{}: byte {}: {} bytes follow the last storage", name(),
                       offset, file_->size() - offset);
  }

  // Returns the offset behind it.
  std::uint64_t place_storage(const Value& key, std::uint64_t offset) {
    const auto* text = key.as<std::string_view>();
    const auto found = text != nullptr ? unplaced_.find(*text) : unplaced_.end();
    require<DataError>(found != unplaced_.end(), "{}: its list of storages has {}, of which no tensor is",
                       name(), text != nullptr ? quote(*text) : kind_of(key));
    const Storage& storage = found->second;
    std::int64_t numel = 0;
    require<DataError>(file_->size() - offset >= sizeof numel, "{}: byte {}: the file ends before storage {}",
                       name(), offset, quote(storage.key));
    file_->read(offset, &numel, sizeof numel);
    require<DataError>(numel == storage.numel, "{}: byte {}: storage {} has {} elements, its tensors say {}",
                       name(), offset, quote(storage.key), numel, storage.numel);
    offset += sizeof numel;
    require<DataError>(static_cast<std::uint64_t>(numel) <= (file_->size() - offset) / size_of(storage.type),
                       "{}: byte {}: storage {} has {} elements of {} bytes, {} bytes are left in the file",
                       name(), offset, quote(storage.key), numel, size_of(storage.type),
                       file_->size() - offset);
    offsets_.emplace(storage.key, offset);
    offset += bytes_of(storage);
    unplaced_.erase(found);
    return offset;
  }

  static std::size_t bytes_of(const Storage& storage) {
    return static_cast<std::size_t>(storage.numel) * size_of(storage.type);
  }

  const std::string& name() const { return file_->name(); }

  std::unique_ptr<ByteSource> file_;
  std::string start_;
  PickleReader reader_;
  const Value* root_ = nullptr;
  std::map<std::string_view, Storage> unplaced_;
  std::map<std::string_view, std::uint64_t> offsets_;
};

}  // namespace

std::unique_ptr<Archive> open_legacy_archive(std::unique_ptr<ByteSource> file) {
  return std::make_unique<LegacyArchive>(std::move(file));
}

}  // namespace tern::pytorch
