#include "tern/models/engine/plan.h"

#include <algorithm>

#include "tern/core/error.h"
#include "tern/core/format.h"
#include "tern/models/engine/steps/convolution.h"
#include "tern/models/engine/steps/linear.h"
#include "tern/models/engine/steps/pointwise.h"
#include "tern/models/engine/steps/pools.h"
#include "tern/models/engine/steps/stem.h"
#include "tern/models/engine/steps/ternary.h"
#include "tern/models/engine/steps/transfer.h"

namespace tern::engine {
namespace {

using graph::Node;
using graph::Operator;

/// Of a graph, with the file's name in what goes wrong.
template <class Function>
auto about_file(const std::string& file, const Function& function) {
  try {
    return function();
  } catch (const DataError& error) {
    throw DataError(file + ": " + error.what());
  }
}

bool has_stem(const std::vector<Operation>& operations) {
  return std::any_of(operations.begin(), operations.end(),
                     [](const Operation& operation) { return operation.kind == Operation::Kind::stem; });
}

int position_of(const graph::Graph& graph, const std::string& name) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace

Plan::Plan(ModelReader& model, int threads)
    : graph_(model.graph()),
      classes_(static_cast<int>(graph_.classes())),
      has_int16_stem_(model.stem() == StemArithmetic::int16) {
  const auto operations = about_file(model.name(), [&] { return operations_of(graph_); });
  require<DataError>(!has_int16_stem_ || has_stem(operations),
                     "{}: metadata \"stem\" is int16, but no convolution of the image, of red, green and "
                     "blue, has a square window of up to 7x7 and stride 1 or of 7x7 and stride 2; merge it "
                     "with --stem float",
                     model.name());
  maps_ = about_file(model.name(), [&] { return lay_out(graph_, operations, layout_); });
  for (const Operation& operation : operations) {
    steps_.push_back({node(operation.node).name, make(model, operation, threads)});
  }
  steps_.push_back({"logits", std::make_unique<LogitsStep>(map(graph_.output))});
  set_barriers();
  model.finish();
}

std::unique_ptr<Step> Plan::make(ModelReader& model, const Operation& operation, int threads) {
  switch (operation.kind) {
    case Operation::Kind::image:
      return std::make_unique<ImageStep>(map(operation.result));
    case Operation::Kind::stem:
      return std::make_unique<StemStep>(model, graph_, operation, map(operation.result), layout_, threads);
    case Operation::Kind::ternary: {
      const ActivationMap* shortcut = operation.reads.empty() ? nullptr : &map(operation.reads[0]);
      const PackedMap& x = maps_.packed[static_cast<std::size_t>(operation.packed_input)];
      return std::make_unique<TernaryStep>(model, graph_, operation, x, shortcut, map(operation.result),
                                           packing(model, operation));
    }
    case Operation::Kind::ternarise:
      return std::make_unique<TernariseStep>(map(operation.reads[0]), packing(model, operation));
    case Operation::Kind::alone:
      break;
  }
  return make_alone(model, node(operation.node), operation, threads);
}

std::unique_ptr<Step> Plan::make_alone(ModelReader& model, const Node& node, const Operation& operation,
                                       int threads) {
  const ActivationMap &x = map(operation.reads[0]), &y = map(operation.result);
  switch (node.op) {
    case Operator::conv2d:
      return std::make_unique<ConvolutionStep>(model, node, x, y, layout_, threads);
    case Operator::linear:
      return std::make_unique<LinearStep>(model, node, x, y);
    case Operator::add:
      return std::make_unique<AddStep>(x, map(operation.reads[1]), y);
    case Operator::max_pool2d:
      return std::make_unique<MaxPoolStep>(node.window, x, y);
    case Operator::avg_pool2d:
      return std::make_unique<AveragePoolStep>(node.window, x, y);
    case Operator::global_avg_pool2d:
      return std::make_unique<GlobalAverageStep>(x, y);
    case Operator::pad_channels:
      return std::make_unique<PadChannelsStep>(x, y);
    case Operator::batch_norm:
    case Operator::prelu:
    case Operator::rprelu:
    case Operator::relu:
    case Operator::hardtanh:
    case Operator::ternary_activation:
    case Operator::threshold_activation:
    case Operator::binary_activation:
      return std::make_unique<PointwiseStep>(model, node, x, y);
    case Operator::input:
    case Operator::flatten:
    case Operator::ternary_conv2d:
    case Operator::ternary_linear:
      break;
  }
  throw Error(fmt::format("{}: {}: {} is no step of its own", model.name(), node.name, to_string(node.op)));
}

Packing Plan::packing(ModelReader& model, const Operation& operation) const {
  if (operation.packed_output < 0) return {};
  return {model, operation.packed_norm < 0 ? nullptr : &node(operation.packed_norm),
          node(operation.packed_output), maps_.packed[static_cast<std::size_t>(operation.packed_output)]};
}

void Plan::set_barriers() {
  std::vector<Access> since;  // the last barrier
  for (PlannedStep& planned : steps_) {
    const std::vector<Access> own = planned.step->accesses();
    planned.barrier = std::any_of(own.begin(), own.end(), [&](const Access& access) {
      return std::any_of(since.begin(), since.end(), [&](const Access& a) { return a.conflicts(access); });
    });
    if (planned.barrier) since.clear();
    since.insert(since.end(), own.begin(), own.end());
  }
}

const ActivationMap* Plan::floats(const std::string& name) const {
  const int position = position_of(graph_, name);
  return position < 0 || map(position).channels == 0 ? nullptr : &map(position);
}

const PackedMap* Plan::packed(const std::string& name) const {
  const int position = position_of(graph_, name);
  if (position < 0) return nullptr;
  const PackedMap& found = maps_.packed[static_cast<std::size_t>(position)];
  return found.channels == 0 ? nullptr : &found;
}

void Plan::run(const Run& run, const Member& member) const {
  for (const PlannedStep& planned : steps_) {
    if (planned.barrier) member.wait();
    planned.step->run(run, member);
  }
}

}  // namespace tern::engine
