// Module: a layer or network, a container of parameters (parameter_container.h) that computes.
//
//   class Linear : public Module {
//    public:
//     Linear(int64 in, int64 out) : weight_(register_parameter("weight", ...)) {}
//     Variable forward(const Variable& x) override;
//     Value trace(GraphBuilder& graph, Value x) const override;
//    private:
//     Variable& weight_;
//   };
#pragma once

#include "tern/core/error.h"
#include "tern/layers/autograd/variable.h"
#include "tern/layers/graph/builder.h"
#include "tern/layers/parameter_container.h"

namespace tern {

/// A module cannot be described by a graph. The message names it.
class TraceError : public Error {
 public:
  using Error::Error;
};

class Module : public ParameterContainer {
 public:
  virtual Variable forward(const Variable& x) = 0;

  /// Appends the operators that forward() computes in evaluation to `graph`, by the path of the module, and
  /// returns their result. Training needs no trace; summaries, merging, model files, ONNX and the engine do.
  /// Throws ShapeError if x does not fit, and by default TraceError: a module that does not override this has
  /// no trace.
  virtual Value trace(GraphBuilder& graph, Value x) const;
};

/// The graph of a whole network for images of (H, W, C). Throws TraceError naming the module that has no
/// trace, and ShapeError if such an image does not fit.
graph::Graph trace_graph(const Module& network, const Shape& image);

}  // namespace tern
