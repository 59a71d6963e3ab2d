#include "tern/models/engine/plan.h"

namespace tern::engine {
namespace {

/// Reserves the parts of the arena that the layers read and write.
class LayerMemory {
 public:
  explicit LayerMemory(ArenaLayout& layout) : layout_(layout) {}

  Stream stream(int size, int channels) {
    const std::size_t floats = static_cast<std::size_t>(size) * static_cast<std::size_t>(size * channels);
    return {size, channels, layout_.reserve(floats * sizeof(float))};
  }

  /// The packed input of the next layer. A layer reads one buffer and writes another, so two are enough for
  /// all layers of one shape; others have their own, whose borders must stay zero.
  std::size_t packed(const packed::ConvolutionShape& shape) {
    Buffer buffer{shape.height, shape.pairs(), before_last_.offset};
    if (buffer.size != before_last_.size || buffer.pairs != before_last_.pairs) {
      buffer.offset = layout_.reserve(shape.input_words() * sizeof(std::uint64_t));
    }
    before_last_ = last_;
    last_ = buffer;
    return buffer.offset;
  }

 private:
  struct Buffer {
    int size = 0, pairs = 0;
    std::size_t offset = 0;
  };

  ArenaLayout& layout_;
  Buffer last_, before_last_;
};

/// The stream behind the first block of a stage, which halves it but for the first stage.
Stream block_output(const ModelReader& model, LayerMemory& memory, const Stream& input, std::size_t stage,
                    std::int64_t block) {
  if (stage == 0 || block > 0) return input;
  return memory.stream(input.size / 2, static_cast<int>(model.config().widths[stage]));
}

}  // namespace

Plan::Plan(ModelReader& model, int threads)
    : stem_(model, layout_, threads),
      layers_(read_layers(model)),
      head_(model, layers_.back().output(), layout_) {
  model.finish();
}

std::vector<TernaryLayer> Plan::read_layers(ModelReader& model) {
  const ResNetConfig& config = model.config();
  LayerMemory memory(layout_);
  Stream stream = memory.stream(stem_.stream_size(), stem_.channels());
  std::vector<TernaryLayer> layers;
  int feature =
      config.stem == tern::Stem::imagenet ? 4 : 3;  // convolution, batch norm, PReLU and, perhaps, a pool
  for (std::size_t stage = 0; stage < config.widths.size(); ++stage) {
    for (std::int64_t block = 0; block < config.depths[stage]; ++block, ++feature) {
      const std::string name = "features." + std::to_string(feature);
      const Stream output = block_output(model, memory, stream, stage, block);
      for (const char* number : {"1", "2"}) {
        const std::size_t packed = memory.packed(TernaryLayer::convolution(stream, output));
        layers.emplace_back(model, name, number, stream, output, packed);
        stream = output;
      }
    }
  }
  return layers;
}

void Plan::run_stem(const ImageRows& image, const Arena& arena, const Member& member) const {
  const TernaryLayer& first = layers_.front();
  float* stream = arena.at<float>(first.input().offset);
  stem_.run(image, arena, member, stream);
  const int size = stem_.stream_size();
  const Member::Range rows = member.share_of(size);
  packed::kernels().ternarise(stream, size, stem_.channels(), rows.first, rows.last, first.packing(arena));
  member.wait();
}

void Plan::run_layers(const Arena& arena, const Member& member) const {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    layers_[i].run(arena, member, i + 1 < layers_.size() ? &layers_[i + 1] : nullptr);
    member.wait();
  }
  head_.pool(arena, member);
  member.wait();
}

}  // namespace tern::engine
