#include "tern/layers/functions/batch_norm.h"

#include "tern/kernels/batch_norm.h"
#include "tern/kernels/batch_norm_ternary.h"
#include "tern/kernels/cast.h"
#include "tern/kernels/channel_sums.h"
#include "tern/kernels/scale_batch_norm_add_prelu.h"
#include "tern/kernels/sum_rows.h"
#include "tern/layers/autograd/tape.h"
#include "tern/layers/functions/synchronised_batch_norm.h"

namespace tern {

kernels::BatchNormTerms batch_norm_terms(const Tensor& x, const Tensor& scale, BatchNormArguments& a,
                                         const Tensor& sums, const kernels::ChannelStatistics& known) {
  const kernels::BatchNormInput input{a.gamma.value(), a.beta.value(), scale, a.input_bias};
  if (!a.training) return kernels::evaluation_terms(input, a.running);
  if (BatchShards* shards = SynchronisedBatchNorms::shards()) {
    return synchronised_terms(*shards, x, scale, a, sums, known);
  }
  const std::int64_t rows = x.numel() / x.dim(-1);
  const kernels::ChannelStatistics statistics = known.mean.defined() ? known
                                                : sums.defined()     ? kernels::statistics_of_sums(sums, rows)
                                                                     : kernels::channel_statistics(x);
  return kernels::update_statistics_and_compute_terms(statistics, rows, input, a.running, a.layer);
}

namespace {

/// The dx of batch_norm_ternary before its second pass, which scale_batch_norm_add_prelu makes in its first.
struct PendingBatchNormTernary : PendingGradient {
  explicit PendingBatchNormTernary(kernels::BatchNormTernaryDx of) : dx(std::move(of)) {}
  Tensor compute() override {
    const kernels::BatchNormTernaryDx done = std::exchange(dx, {});
    return kernels::batch_norm_ternary_backward_apply(done);
  }

  kernels::BatchNormTernaryDx dx;
};

}  // namespace

Variable batch_norm(const Variable& x, BatchNormArguments a) {
  const kernels::BatchNormTerms terms =
      batch_norm_terms(x.value(), Tensor(), a, Tensor(), Tape::statistics(x));
  return Tape::record("batch_norm", kernels::batch_norm(x.value(), terms, a.layer), {x, a.gamma, a.beta},
                      {{kind_of(x), x.value()}},
                      [terms, statistics = statistics_for_backward(x.value(), a.training)](
                          BackwardContext& context, const Saved& saved) {
                        auto g = kernels::batch_norm_backward(context.dy(), saved[0], terms, statistics,
                                                              context.take_gradient(0));
                        return std::vector<Tensor>{std::move(g.dx), std::move(g.dgamma), std::move(g.dbeta)};
                      });
}

TernaryVariable batch_norm_ternary(const Variable& x, BatchNormArguments a) {
  const std::vector<Variable> inputs{x, a.gamma, a.beta};
  const kernels::BatchNormTerms terms =
      batch_norm_terms(x.value(), Tensor(), a, Tensor(), Tape::statistics(x));
  kernels::TernaryActivations y =
      kernels::batch_norm_ternary(x.value(), terms, a.layer, Tape::records(inputs));
  Variable values = Tape::record(
      "batch_norm_ternary", std::move(y.values), inputs, {{kind_of(x), x.value()}},
      [terms, statistics = statistics_for_backward(x.value(), a.training)](BackwardContext& context,
                                                                           const Saved& saved) {
        // The dtype of dy is that of what reads the i8 values.
        const Tensor dy = kernels::cast(context.dy(), saved[0].dtype());
        kernels::BatchNormTernarySums g =
            kernels::batch_norm_ternary_backward_sums(dy, saved[0], terms, statistics);
        context.leave_pending(0, std::make_shared<PendingBatchNormTernary>(kernels::BatchNormTernaryDx{
                                     dy, saved[0], terms, std::move(g.means), context.take_gradient(0)}));
        return std::vector<Tensor>{Tensor(), std::move(g.dgamma), std::move(g.dbeta)};
      });
  return {std::move(values), std::move(y.packed)};
}

namespace {

/// In training with its statistics, because a batch norm in training comes next.
kernels::TailWithStatistics tail(const Tensor& z, const Tensor& scale, const kernels::BatchNormTerms& terms,
                                 const Tensor& shortcut, const Tensor& slope, const BatchNormArguments& a,
                                 const kernels::PreluShifts& shifts = {}) {
  if (!a.training) {
    return {kernels::scale_batch_norm_add_prelu(z, scale, terms, shortcut, slope, a.layer, shifts), {}};
  }
  return kernels::scale_batch_norm_add_prelu_with_statistics(z, scale, terms, shortcut, slope, a.layer,
                                                             shifts);
}

}  // namespace

Variable scale_batch_norm_add_prelu(const IntegerVariable& integers, const Tensor& scale,
                                    BatchNormArguments a, const Variable& shortcut, const Variable& slope) {
  const Variable& z = integers.values;
  const kernels::BatchNormTerms terms = batch_norm_terms(z.value(), scale, a, integers.sums);
  kernels::TailWithStatistics result = tail(z.value(), scale, terms, shortcut.value(), slope.value(), a);
  Variable y = Tape::record(
      "scale_batch_norm_add_prelu", std::move(result.y), {z, a.gamma, a.beta, shortcut, slope},
      {{SavedKind::integer, z.value()}, {kind_of(shortcut), shortcut.value()}},
      [scale, terms, slope = slope.value(), statistics = statistics_for_backward(z.value(), a.training)](
          BackwardContext& context, const Saved& saved) {
        const auto backward = [&](auto dy) {
          return kernels::scale_batch_norm_add_prelu_backward(std::move(dy), saved[0], scale, terms, saved[1],
                                                              slope, statistics);
        };
        const auto norm = context.pending_dy<PendingBatchNormTernary>();
        kernels::TailGradients g = norm ? backward(std::move(norm->dx)) : backward(context.dy());
        return std::vector<Tensor>{std::move(g.batch_norm.dx), std::move(g.batch_norm.dgamma),
                                   std::move(g.batch_norm.dbeta), std::move(g.dshortcut),
                                   std::move(g.dslope)};
      });
  Tape::keep_statistics(y, std::move(result.statistics));
  return y;
}

Variable scale_batch_norm_add_rprelu(const IntegerVariable& integers, const Tensor& scale,
                                     BatchNormArguments a, const Variable& shortcut, const Variable& slope,
                                     const Variable& shift, const Variable& bias) {
  const Variable& z = integers.values;
  const kernels::BatchNormTerms terms = batch_norm_terms(z.value(), scale, a, integers.sums);
  kernels::TailWithStatistics result =
      tail(z.value(), scale, terms, shortcut.value(), slope.value(), a, {shift.value(), bias.value()});
  Variable y = Tape::record(
      "scale_batch_norm_add_rprelu", std::move(result.y), {z, a.gamma, a.beta, shortcut, slope, shift, bias},
      {{SavedKind::integer, z.value()}, {kind_of(shortcut), shortcut.value()}},
      [scale, terms, slope = slope.value(), shift = shift.value(),
       statistics = statistics_for_backward(z.value(), a.training)](Tensor dy, const Saved& saved) {
        Tensor dbias = kernels::sum_rows(dy);
        auto g = kernels::scale_batch_norm_add_prelu_backward(std::move(dy), saved[0], scale, terms, saved[1],
                                                              slope, statistics, shift);
        const Tensor dbeta = g.batch_norm.dbeta;  // and dshift: one sum
        return std::vector<Tensor>{std::move(g.batch_norm.dx),
                                   std::move(g.batch_norm.dgamma),
                                   dbeta,
                                   std::move(g.dshortcut),
                                   std::move(g.dslope),
                                   dbeta.clone(),
                                   std::move(dbias)};
      });
  Tape::keep_statistics(y, std::move(result.statistics));
  return y;
}

}  // namespace tern
