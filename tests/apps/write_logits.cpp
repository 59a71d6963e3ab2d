// write_logits MODEL DATA OUT: what the network of a model file sees and says of every image in a folder of
// classes, for tests in other languages: OUT is a safetensors file with "images" (N, S, S, 3) and "logits"
// (N, classes).
#include <cstdio>

#include "apps/support/evaluation.h"
#include "apps/support/model_metadata.h"
#include "apps/support/open_dataset.h"
#include "data/loader.h"
#include "models/model_file.h"

namespace {

void write_logits(const std::string& model_path, const std::string& data, const std::string& out) {
  const tern::LoadedModel model = tern::load_model(model_path);
  const auto dataset = tern::open_dataset({"image_folder", data, "", {}, {}});
  const tern::Transform transform(
      tern::transform_config(tern::read_model_metadata(model.metadata, model_path).input), false);
  tern::LoaderConfig config;
  config.batch_size = dataset->size();
  tern::Loader loader(*dataset, transform, config);
  loader.start_epoch(0);
  tern::Batch batch;
  loader.next(batch);
  const tern::NoGrad no_grad;
  const tern::Tensor logits = model.network->forward(tern::Variable(batch.images)).value();
  tern::write_safetensors(out, {}, {{"images", batch.images}, {"logits", logits}});
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
