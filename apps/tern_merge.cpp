// tern-merge CHECKPOINT -o MODEL [--format safetensors|c-header|onnx] [--stem float|int16] [--check]: merges
// pairs of binary branches into one ternary network, and writes a network as it is deployed.
#include <fmt/core.h>

#include <filesystem>

#include "tern/apps/compare/merge_check.h"
#include "tern/apps/compare/stem_check.h"
#include "tern/apps/console/program.h"
#include "tern/apps/inputs/output_file.h"
#include "tern/apps/inputs/untrained_model.h"
#include "tern/core/atomic_file.h"
#include "tern/core/byte_source.h"
#include "tern/core/device_choice.h"
#include "tern/core/error.h"
#include "tern/models/c_header.h"
#include "tern/models/engine/engine.h"
#include "tern/models/graph_module.h"
#include "tern/models/merge.h"
#include "tern/models/model_file.h"
#include "tern/models/onnx/export.h"
#include "tern/models/stem_arithmetic.h"

namespace {

constexpr const char* kSafetensors = "safetensors";
constexpr const char* kCHeader = "c-header";
constexpr const char* kOnnx = "onnx";

// What describes the model stays; what describes the training run goes. `stem`: as the option says, or empty.
tern::Metadata model_metadata(tern::Metadata metadata, const std::string& stem) {
  for (const char* key : {"config", "run_data", "step", "model"}) metadata.erase(key);
  using tern::StemArithmetic;
  if (!stem.empty()) {
    const bool int16 = stem == to_string(StemArithmetic::int16);
    tern::set_stem_arithmetic(metadata, int16 ? StemArithmetic::int16 : StemArithmetic::floats);
  }
  return metadata;
}

// What is already merged only changes its format or its stem.
tern::MergedNetwork merged_network(tern::LoadedModel& model, bool changes) {
  if (auto* merged = dynamic_cast<tern::GraphModule*>(model.network.get())) {
    tern::require<tern::ConfigError>(
        changes,
        "merge: the network is merged already; nothing to merge. --format c-header "
        "and --format onnx take it as it is, --stem changes how the engine runs it");
    return merged->merged();
  }
  return tern::merge(*model.network, model.config->image);
}

// What to write to the file `output`.
std::string content(const tern::MergedNetwork& merged, tern::Metadata metadata, const std::string& format,
                    const std::string& output) {
  if (format == kOnnx) {
    for (const char* key : {"format", "format_version", "model", "graph", "stem"}) metadata.erase(key);
    return tern::onnx_model(merged.graph, merged.state, metadata);
  }
  const std::string model = tern::merged_bytes(merged, metadata);
  if (tern::read_stem_arithmetic(metadata, output) != tern::StemArithmetic::floats) {
    tern::engine::Engine(*tern::memory_source(model.data(), model.size(), output), 1);  // refuses other stems
  }
  return format == kCHeader ? tern::c_header(model, output) : model;
}

void require_regular_file(const std::string& output) {
  const std::filesystem::file_status status = std::filesystem::status(output);
  tern::require<tern::ConfigError>(!exists(status) || is_regular_file(status),
                                   "--check: reads the model back, which {} does not allow: it is no file",
                                   output);
}

// The file is read back, so that the check covers what will be deployed.
void check(tern::Module& trained, const std::string& merged_path, tern::Device device) {
  const tern::LoadedModel merged = tern::load_model(merged_path);
  const tern::MergeCheck result =
      tern::check_merge(trained, *merged.network, merged.graph.input().output, device);
  tern::require<tern::Error>(
      result.different == 0,
      "{}: {} of {} logits differ from those of the checkpoint; please report this as a bug", merged_path,
      result.different, result.logits);
  fmt::print("check: {} logits of {} random images are equal to the bit\n", result.logits, result.images);
  if (tern::read_stem_arithmetic(merged.metadata, merged_path) == tern::StemArithmetic::floats) return;
  const tern::StemCheck stem = tern::check_stem(
      merged_path, dynamic_cast<tern::GraphModule&>(*merged.network).merged(), merged.metadata);
  fmt::print(
      "check: with its stem in int16 the engine gives other bits for {} of {} logits of {} random 8-bit "
      "images, "
      "by up to {:.2g} (the largest logit is {:.2g}), and another class to {}\n",
      stem.different, stem.logits, stem.images, stem.largest_difference, stem.largest_logit,
      stem.different_classes);
}

}  // namespace

int main(int argc, char** argv) {
  tern::CommandLine app(
      "Writes a trained network as it is deployed: what its ternary layers are trained by, such as pairs of "
      "binary branches, becomes ternary weights; layers in floats stay as they are.",
      "tern-merge");
  std::string checkpoint, output, format = kSafetensors, stem, device = "cpu";
  bool with_check = false, untrained = false;
  app.option(
         "CHECKPOINT", checkpoint,
         "checkpoint of a trained network; for another format than safetensors, or another stem, a merged "
         "model will do")
      .required();
  app.option("-o,--output", output, "the merged model to write").required();
  app.option("--format", format, "safetensors; c-header: that file as an array in C, for embedding; or onnx")
      .one_of({kSafetensors, kCHeader, kOnnx})
      .show_default();
  app.option(
         "--stem", stem,
         "how the engine computes the first convolution of 8-bit pictures: float, as all else does; or "
         "int16, "
         "in integers, in half the time: the pixels as they are times weights of 16 bits, sums in 32. The "
         "roundings of the weights change its results by about 1/5000 of their deviation (a 7x7 window of "
         "stride 2) or 1/50000 (others), and so a few activations behind it; --check says what that does to "
         "logits. Exports to ONNX and layers know no stem but float")
      .one_of({to_string(tern::StemArithmetic::floats), to_string(tern::StemArithmetic::int16)});
  app.flag("--untrained", untrained,
           "CHECKPOINT is a network that gets random weights, to measure size and speed: its name, such as "
           "resnet18_bwx2, its description in JSON or a training configuration, NAME.json");
  const tern::CommandOption check_flag =
      app.flag("--check", with_check, "prove that both networks give equal logits on random images");
  app.option("--device", device, "of --check: auto, cpu, cuda or cuda:N").needs(check_flag).show_default();
  return tern::run_program(app, argc, argv, [&] {
    if (with_check && format != kSafetensors)
      throw tern::UsageError("--check: reads the model back, which is for --format safetensors alone");
    if (format == kOnnx && !stem.empty())
      throw tern::UsageError("--stem: is how Tern's engine computes, and no part of an ONNX model");
    if (!untrained) tern::require_other_file(output, {checkpoint});
    if (with_check) require_regular_file(output);
    const tern::Device check_device = tern::resolve_device(device);  // before anything is written
    tern::LoadedModel trained = untrained ? tern::untrained_model(checkpoint) : tern::load_model(checkpoint);
    const tern::MergedNetwork merged = merged_network(trained, format != kSafetensors || !stem.empty());
    const std::string bytes = content(merged, model_metadata(trained.metadata, stem), format, output);
    tern::write_file_atomically(output, bytes);
    std::FILE* const report = tern::report_stream(output);
    if (!untrained) fmt::print(report, "{}: {} bytes; ", checkpoint, std::filesystem::file_size(checkpoint));
    fmt::print(report, "{}: {} bytes\n", output, bytes.size());
    if (with_check) check(*trained.network, output, check_device);
    return 0;
  });
}
