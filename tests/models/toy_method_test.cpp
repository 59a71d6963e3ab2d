// A method of somebody's own: one class in this file. It is trained, merged, run by the engine and named by
// configurations like the others.
#include <cmath>

#include "tern/layers/activations.h"
#include "tern/layers/autograd/tape.h"
#include "tern/layers/flatten.h"
#include "tern/layers/functions/softmax_cross_entropy.h"
#include "tern/layers/linear.h"
#include "tern/layers/optim/adam.h"
#include "tern/layers/sequential.h"
#include "tern/layers/ternary/methods.h"
#include "tern/layers/ternary/ternary_conv2d.h"
#include "tern/models/engine/engine.h"
#include "tern/models/graph_module.h"
#include "tern/models/model_file.h"
#include "tests/support/catch.h"
#include "tests/support/compare.h"
#include "tests/support/random_tensors.h"

using namespace tern;

namespace {

// T = -1, 0 or +1 by the thresholds -1/2 and 1/2 on W, straight-through; the scale is a parameter.
class ToyWeights : public TernaryWeights {
 public:
  explicit ToyWeights(const Shape& shape)
      : weight_(register_parameter("weight", Tensor::zeros(shape))),
        scale_(register_parameter("scale", Tensor::full({shape[0]}, 0.25F))) {}

  std::string method() const override { return "toy"; }

  TernaryVariables ternarise() override {
    Tensor t = Tensor::empty(weight_.shape(), DType::i8);
    for (std::int64_t i = 0; i < t.numel(); ++i) {
      const float w = weight_.value().data<float>()[i];
      t.data<std::int8_t>()[i] = static_cast<std::int8_t>((w > 0.5F) - (w < -0.5F));
    }
    const auto straight_through = [](const Tensor& dt, const Saved&) { return std::vector<Tensor>{dt}; };
    return {Tape::record("toy_weights", t, {weight_}, {}, straight_through), scale_};
  }

 private:
  Variable& weight_;
  Variable& scale_;
};

TernaryMethod toy() {
  return [](const Shape& shape, bool) { return std::make_unique<ToyWeights>(shape); };
}

Conv2dOptions convolution() {
  return {3, 8, 3, 1, 1, false};
}

}  // namespace

TEST_CASE(
    "a method of one's own: trained in a network, its scale too, merged with equal logits, run by the "
    "engine") {
  add_ternary_method("toy", [](const TernaryMethodOptions&) { return toy(); });
  Sequential network;
  network.add(activation_by_name("ternary", 3));
  auto& conv = network.add(std::make_unique<TernaryConv2d>(convolution(), ternary_method("toy")));
  network.add(std::make_unique<Hardtanh>());
  network.add(std::make_unique<Flatten>());
  network.add(std::make_unique<Linear>(8 * 4 * 4, 3));
  std::uint32_t seed = 1;
  for (auto& [name, parameter] : network.named_parameters()) {
    if (parameter.shape().rank() > 1)
      parameter.mutable_value().copy_from(test::random_tensor(parameter.shape(), seed++));
  }
  const Tensor images = test::random_tensor({6, 4, 4, 3}, 7, -2, 2);
  const Tensor labels = Tensor::from<std::int64_t>({6}, {0, 1, 2, 0, 1, 2});
  Adam adam(network.named_parameters(), {});
  const std::vector<float> scale_before = conv.merged_weights().scale.to_vector<float>();
  std::vector<float> losses;
  for (int step = 0; step < 20; ++step) {
    network.clear_gradients();
    const Variable loss = softmax_cross_entropy(network.forward(Variable(images)), labels);
    losses.push_back(loss.value().item());
    loss.backward();
    adam.step(0.01);
  }
  CHECK(losses.back() < losses.front() / 2);
  const MergedWeights weights = conv.merged_weights();
  CHECK(weights.scale.to_vector<float>() != scale_before);

  const graph::Graph graph = trace_graph(network, {4, 4, 3});
  CHECK(graph.nodes[2].method == "toy");
  CHECK(graph.nodes[2].parameter("scale").name == "1.scale");

  network.train(false);
  const NoGrad no_grad;
  const Tensor logits = network.forward(Variable(images)).value();
  GraphModule merged(merge(network, {4, 4, 3}));
  CHECK(test::bit_difference(merged.forward(Variable(images)).value(), logits) == "");

  const std::string file = merged_bytes(merged.merged(), {});
  engine::Engine engine(*memory_source(file.data(), file.size(), "toy"), 1);
  std::vector<float> by_engine(6 * 3);
  engine.run(images.data<float>(), 6, by_engine.data());
  const std::vector<float> expected = logits.to_vector<float>();
  // The linear layer sums 128 products of numbers below 2 in another order.
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(by_engine[i] == Approx(expected[i]).margin(1e-4));
}
