// write_logits MODEL DATA OUT: what the network of a merged model sees and says of every image in a folder of
// classes, for tests in other languages: OUT is a safetensors file with "images" (N, S, S, 3), "stem" (N, H,
// W, C), the stream that the first block reads, and "logits" (N, classes).
#include <cstdio>
#include <cstring>

#include "tern/apps/inputs/model_metadata.h"
#include "tern/apps/inputs/open_dataset.h"
#include "tern/data/loader.h"
#include "tern/layers/sequential.h"
#include "tern/models/model_file.h"
#include "tern/models/sttn_block.h"
#include "tern/training/evaluation.h"

namespace {

using tern::Module;
using tern::Tensor;
using tern::Variable;

tern::Batch read_all(const std::string& data, const tern::InputSection& input) {
  const auto dataset = tern::open_dataset({"image_folder", data, "", {}, {}});
  tern::LoaderConfig config;
  config.batch_size = dataset->size();
  tern::Loader loader(*dataset, tern::Transform(tern::transform_config(input), false), config);
  loader.start_epoch(0);
  tern::Batch batch;
  loader.next(batch);
  return batch;
}

Module& child(Module& parent, const std::string& name) {
  tern::ParameterContainer* found = nullptr;
  parent.visit([&](const std::string& path, tern::ParameterContainer& module) {
    if (path == name && found == nullptr) found = &module;
  });
  if (found == nullptr) throw std::runtime_error("the network has no module " + name);
  return dynamic_cast<Module&>(*found);
}

bool is_block(Module& features, std::size_t index) {
  return dynamic_cast<tern::SttnBlock*>(&child(features, std::to_string(index))) != nullptr;
}

// Fails unless the rest of the network makes of it what the whole one makes of the images.
Tensor stem_of(Module& network, const Tensor& images, const Tensor& logits) {
  auto& features = dynamic_cast<tern::Sequential&>(child(network, "features"));
  std::size_t first_block = 0;
  Variable x(images);
  for (; !is_block(features, first_block); ++first_block) {
    x = child(features, std::to_string(first_block)).forward(x);
  }
  const Variable averages = child(network, "avgpool").forward(features.forward_from(first_block, x));
  const Tensor again = child(network, "fc").forward(averages).value();
  const auto bytes = static_cast<std::size_t>(logits.numel()) * sizeof(float);
  if (std::memcmp(again.data<float>(), logits.data<float>(), bytes) != 0)
    throw std::runtime_error("the stem found is not what the network computed with");
  return x.value();
}

void write_logits(const std::string& model_path, const std::string& data, const std::string& out) {
  const tern::LoadedModel model = tern::load_model(model_path);
  const Tensor images = read_all(data, tern::read_model_metadata(model.metadata, model_path).input).images;
  const tern::NoGrad no_grad;
  const Tensor logits = model.network->forward(Variable(images)).value();
  const Tensor stem = stem_of(*model.network, images, logits);
  tern::write_safetensors(out, {}, {{"images", images}, {"stem", stem}, {"logits", logits}});
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 4) throw std::runtime_error("usage: write_logits MODEL DATA OUT");
    write_logits(argv[1], argv[2], argv[3]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "write_logits: %s\n", error.what());
    return 1;
  }
}
