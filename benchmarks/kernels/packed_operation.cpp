#include "tern/benchmarks/kernels/packed_operation.h"

#include <array>
#include <memory>

#include "tern/benchmarks/support/operation.h"
#include "tern/kernels/pack_ternary.h"
#include "tern/kernels/packed_ternary_conv2d.h"

namespace tern::bench {

Implementation packed_operation(const ConvolutionProblem& problem, Device device) {
  struct Slot {
    PackedTernary x, t;
    Tensor z;
  };
  const ConvolutionOperands operands(problem);
  const auto slots = std::make_shared<std::array<Slot, kSlots>>();
  for (Slot& slot : *slots) {
    slot.x = kernels::pack_ternary(operands.x.to(device));
    slot.t = kernels::pack_ternary(operands.t.to(device));
  }
  const auto run = [=](std::size_t i) {
    Slot& slot = slots->at(i);
    slot.z = kernels::packed_ternary_conv2d(slot.x, slot.t, problem.parameters);
  };
  const auto verify = [=] { return difference({slots->front().z}, {exact_values(problem)}); };
  const double bytes = static_cast<double>(slots->front().x.nbytes() + slots->front().t.nbytes()) +
                       2.0 * static_cast<double>(problem.output().numel());
  return {"tern_packed", Peak::ternary, bytes, run, verify};
}

}  // namespace tern::bench
