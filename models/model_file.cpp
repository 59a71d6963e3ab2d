#include "tern/models/model_file.h"

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/layers/state_dict.h"
#include "tern/layers/ternary/merged_weights.h"
#include "tern/layers/weight_layout.h"
#include "tern/models/model_format.h"
#include "tern/models/model_values.h"
#include "tern/models/resnet.h"
#include "tern/models/trits.h"

namespace tern {
namespace {

std::map<std::string, Shape> ternary_weights(const Module& network) {
  std::map<std::string, Shape> weights;
  network.visit([&](const std::string& path, const ParameterContainer& module) {
    if (const auto* conv = dynamic_cast<const FixedTernaryWeights*>(&module))
      weights.emplace(path, conv->weight().shape());
  });
  return weights;
}

// The network's tensors as the file has them, on the CPU.
std::vector<std::pair<std::string, Tensor>> to_file(const Module& network) {
  const auto ternary = ternary_weights(network);
  std::vector<std::pair<std::string, Tensor>> tensors;
  for (const StateEntry& entry : state_dict(network)) {
    const std::string owner = entry.name.substr(0, entry.name.rfind('.'));
    const Tensor tensor = entry.tensor.to(Device{});
    if (ternary.count(owner) > 0) {
      const bool is_weight = entry.name.ends_with(".weight");
      tensors.emplace_back(owner + (is_weight ? ".weight.trits" : ".weight.scale"),
                           is_weight ? pack_trits(tensor) : tensor);
    } else {
      tensors.emplace_back(entry.name, tensor.shape().rank() == 4 ? ohwi_to_oihw(tensor) : tensor);
    }
  }
  return tensors;
}

// Nothing depends on how many batches a norm has seen, and PyTorch, too, takes state dicts without these
// counts.
void add_missing_counts(const Module& network, std::map<std::string, Tensor>& state) {
  for (const StateEntry& entry : state_dict(network)) {
    if (entry.name.ends_with(".num_batches_tracked")) {
      state.emplace(entry.name, Tensor::zeros(entry.tensor.shape(), entry.tensor.dtype()));
    }
  }
}

Tensor unpack_weight(const std::string& name, const Tensor& trits, const Shape& shape) {
  try {
    return unpack_trits(trits, shape);
  } catch (const DataError& error) {
    throw DataError(name + ": " + error.what());
  }
}

// The file's tensors as the network has them, their values checked. Names and shapes are checked by
// load_state.
std::map<std::string, Tensor> from_file(const SafetensorsFile& file, const Module& network) {
  const auto ternary = ternary_weights(network);
  std::map<std::string, Tensor> state;
  for (const std::string& name : file.names()) {
    Tensor tensor = file.read(name);
    if (tensor.dtype() == DType::f32) {
      check_values(name, tensor.data<float>(), static_cast<std::size_t>(tensor.numel()));
    }
    const std::string parent = name.substr(0, name.rfind('.'));
    require<DataError>(ternary.count(parent) == 0,
                       "{0}: a merged model has {1}.weight.trits and {1}.weight.scale instead", name, parent);
    const std::string owner = name.substr(0, name.find(".weight."));
    if (ternary.count(owner) > 0 && name.ends_with(".weight.trits")) {
      state.emplace(owner + ".weight", unpack_weight(name, tensor, ternary.at(owner)));
    } else if (ternary.count(owner) > 0 && name.ends_with(".weight.scale")) {
      state.emplace(owner + ".scale", tensor);
    } else if (tensor.dtype() == DType::i64 && tensor.numel() == 1) {
      state.emplace(name, tensor.reshape({}));  // num_batches_tracked, which some writers store as (1)
    } else {
      state.emplace(
          name, tensor.dtype() == DType::f32 && tensor.shape().rank() == 4 ? oihw_to_ohwi(tensor) : tensor);
    }
  }
  add_missing_counts(network, state);
  return state;
}

void load_into(const std::string& path, const SafetensorsFile& file, Module& network) {
  try {
    load_state(network, from_file(file, network));
    network.visit([](const std::string&, ParameterContainer& module) {
      if (const auto* conv = dynamic_cast<const FixedTernaryWeights*>(&module)) conv->check();
    });
  } catch (const DataError& error) {
    throw DataError(path + ": " + error.what());
  }
}

Metadata describe(Metadata metadata, const ResNetConfig& config) {
  metadata["format"] = config.block == BlockKind::ternary ? kMergedFormat : kCheckpointFormat;
  metadata["format_version"] = kModelFormatVersion;
  metadata["model"] = to_json(config);
  return metadata;
}

// The network that the metadata describes, its weights zero.
void make_described(const std::string& path, const SafetensorsFile& file, LoadedModel& model) {
  std::uint64_t data_bytes = 0;
  for (const std::string& name : file.names()) data_bytes += file.info(name).end - file.info(name).begin;
  const std::string description = required_metadata(file.metadata(), path, "model");
  try {
    model.config = parse_resnet_config(description);
    check_room(model.config, data_bytes);
    model.network = make_resnet(model.config);
  } catch (const Error& error) {
    throw DataError(path + ": metadata \"model\": " + error.what());
  }
}

}  // namespace

void save_model(const std::string& path, const Module& network, const ResNetConfig& config,
                Metadata metadata) {
  write_safetensors(path, describe(std::move(metadata), config), to_file(network));
}

std::string model_bytes(const Module& network, const ResNetConfig& config, Metadata metadata) {
  return safetensors_bytes(describe(std::move(metadata), config), to_file(network));
}

LoadedModel load_model(const std::string& path) {
  const SafetensorsFile file = SafetensorsFile::open(path);
  check_model_format(file.metadata(), path);
  LoadedModel model;
  model.metadata = file.metadata();
  make_described(path, file, model);
  load_into(path, file, *model.network);
  model.network->train(false);
  return model;
}

LoadedModel import_state_dict(const std::string& path, const ResNetConfig& config) {
  const SafetensorsFile file = SafetensorsFile::open(path);
  LoadedModel model{config, make_resnet(config), file.metadata()};
  load_into(path, file, *model.network);
  model.network->train(false);
  return model;
}

void load_weights(const std::string& path, Module& network) {
  load_into(path, SafetensorsFile::open(path), network);
}

}  // namespace tern
