#include "tern/models/formats/state_dict_file.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include "tern/core/safetensors.h"
#include "tern/models/formats/pytorch/archive.h"
#include "tern/models/formats/pytorch/state_dict.h"

namespace tern {
namespace {

StateDict from_safetensors(const std::string& path) {
  const auto file = std::make_shared<SafetensorsFile>(SafetensorsFile::open(path, StoredFloats::as_f32));
  StateDict state;
  for (const std::string& name : file->names()) {
    state.emplace(name, StoredTensor{file->info(name).shape, [file, name] { return file->read(name); }});
  }
  return state;
}

// What DataParallel, DistributedDataParallel and torch.compile put before every name.
bool strip_prefix(StateDict& state, std::string_view prefix) {
  const bool everywhere = !state.empty() && std::all_of(state.begin(), state.end(), [&](const auto& entry) {
    return entry.first.starts_with(prefix);
  });
  if (!everywhere) return false;
  StateDict stripped;
  for (auto& [name, tensor] : state) stripped.emplace(name.substr(prefix.size()), std::move(tensor));
  state = std::move(stripped);
  return true;
}

}  // namespace

StateDict open_state_dict(const std::string& path) {
  StateDict state =
      pytorch::is_archive(*open_file(path)) ? pytorch::read_state_dict(path) : from_safetensors(path);
  while (strip_prefix(state, "module.") || strip_prefix(state, "_orig_mod.")) {
  }
  return state;
}

}  // namespace tern
