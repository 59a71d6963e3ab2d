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
                                         const Tensor& sums) {
  const kernels::BatchNormInput input{a.gamma.value(), a.beta.value(), scale, a.input_bias};
  if (!a.training) return kernels::evaluation_terms(input, a.running);
  if (BatchShards* shards = SynchronisedBatchNorms::shards()) {
    return synchronised_terms(*shards, x, scale, a, sums);
  }
  const std::int64_t rows = x.numel() / x.dim(-1);
  const kernels::ChannelStatistics statistics =
      sums.defined() ? kernels::statistics_of_sums(sums, rows) : kernels::channel_statistics(x);
  return kernels::update_statistics_and_compute_terms(statistics, rows, input, a.running, a.layer);
}

namespace {

std::vector<Tensor> in_order(kernels::BatchNormGradients gradients) {
  return {std::move(gradients.dx), std::move(gradients.dgamma), std::move(gradients.dbeta)};
}

}  // namespace

Variable batch_norm(const Variable& x, BatchNormArguments a) {
  const kernels::BatchNormTerms terms = batch_norm_terms(x.value(), Tensor(), a);
  return Tape::record("batch_norm", kernels::batch_norm(x.value(), terms, a.layer), {x, a.gamma, a.beta},
                      {{kind_of(x), x.value()}},
                      [terms, statistics = statistics_for_backward(x.value(), a.training)](
                          const Tensor& dy, const Saved& saved) {
                        return in_order(kernels::batch_norm_backward(dy, saved[0], terms, statistics));
                      });
}

TernaryVariable batch_norm_ternary(const Variable& x, BatchNormArguments a) {
  const std::vector<Variable> inputs{x, a.gamma, a.beta};
  const kernels::BatchNormTerms terms = batch_norm_terms(x.value(), Tensor(), a);
  kernels::TernaryActivations y =
      kernels::batch_norm_ternary(x.value(), terms, a.layer, Tape::records(inputs));
  Variable values = Tape::record("batch_norm_ternary", std::move(y.values), inputs, {{kind_of(x), x.value()}},
                                 [terms, statistics = statistics_for_backward(x.value(), a.training)](
                                     const Tensor& dy, const Saved& saved) {
                                   // The dtype of dy is that of what reads the i8 values.
                                   return in_order(kernels::batch_norm_ternary_backward(
                                       kernels::cast(dy, saved[0].dtype()), saved[0], terms, statistics));
                                 });
  return {std::move(values), std::move(y.packed)};
}

Variable scale_batch_norm_add_prelu(const IntegerVariable& integers, const Tensor& scale,
                                    BatchNormArguments a, const Variable& shortcut, const Variable& slope) {
  const Variable& z = integers.values;
  const kernels::BatchNormTerms terms = batch_norm_terms(z.value(), scale, a, integers.sums);
  Tensor y =
      kernels::scale_batch_norm_add_prelu(z.value(), scale, terms, shortcut.value(), slope.value(), a.layer);
  return Tape::record(
      "scale_batch_norm_add_prelu", std::move(y), {z, a.gamma, a.beta, shortcut, slope},
      {{SavedKind::integer, z.value()}, {kind_of(shortcut), shortcut.value()}},
      [scale, terms, slope = slope.value(), statistics = statistics_for_backward(z.value(), a.training)](
          Tensor dy, const Saved& saved) {
        auto g = kernels::scale_batch_norm_add_prelu_backward(std::move(dy), saved[0], scale, terms, saved[1],
                                                              slope, statistics);
        return std::vector<Tensor>{std::move(g.batch_norm.dx), std::move(g.batch_norm.dgamma),
                                   std::move(g.batch_norm.dbeta), std::move(g.dshortcut),
                                   std::move(g.dslope)};
      });
}

Variable scale_batch_norm_add_rprelu(const IntegerVariable& integers, const Tensor& scale,
                                     BatchNormArguments a, const Variable& shortcut, const Variable& slope,
                                     const Variable& shift, const Variable& bias) {
  const Variable& z = integers.values;
  const kernels::BatchNormTerms terms = batch_norm_terms(z.value(), scale, a, integers.sums);
  Tensor y = kernels::scale_batch_norm_add_prelu(z.value(), scale, terms, shortcut.value(), slope.value(),
                                                 a.layer, {shift.value(), bias.value()});
  return Tape::record(
      "scale_batch_norm_add_rprelu", std::move(y), {z, a.gamma, a.beta, shortcut, slope, shift, bias},
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
}

}  // namespace tern
