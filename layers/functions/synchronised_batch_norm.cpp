#include "tern/layers/functions/synchronised_batch_norm.h"

#include <cmath>
#include <utility>

#include "tern/core/device_scope.h"
#include "tern/core/error.h"
#include "tern/core/readback.h"
#include "tern/kernels/channel_sums.h"

namespace tern {
namespace {

thread_local BatchShards* current = nullptr;

// A double adds up halves of 64-bit integers exactly, of up to 2^20 shards.
constexpr std::int64_t kHalf = std::int64_t{1} << 32;

// The sums (2, C) of all shards.
Tensor sum_exactly(BatchShards& shards, const Tensor& sums) {
  const Tensor own = to_host({sums}).front();
  const auto count = static_cast<std::size_t>(own.numel());
  std::vector<double> halves(2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t value = own.data<std::int64_t>()[i];
    halves[i] = static_cast<double>(value >> 32);
    halves[count + i] = static_cast<double>(value & (kHalf - 1));
  }
  shards.sum(halves);
  Tensor total = Tensor::empty(own.shape(), DType::i64);
  for (std::size_t i = 0; i < count; ++i) {
    total.data<std::int64_t>()[i] =
        static_cast<std::int64_t>(halves[i]) * kHalf + static_cast<std::int64_t>(halves[count + i]);
  }
  return total.to(sums.device());
}

// From mean and mean square of each shard to mean and variance of all.
kernels::ChannelStatistics combine(BatchShards& shards, const kernels::ChannelStatistics& own,
                                   const std::string& layer) {
  const std::vector<Tensor> read = to_host({own.mean, own.variance});
  const auto channels = static_cast<std::size_t>(read[0].numel());
  std::vector<double> moments(2 * channels);
  for (std::size_t c = 0; c < channels; ++c) {
    const double mean = read[0].data<float>()[c], variance = read[1].data<float>()[c];
    moments[c] = mean;
    moments[channels + c] = mean * mean + variance;
    require<NumericError>(std::isfinite(moments[channels + c]),
                          "{}: mean or variance of the batch is NaN or infinite", layer);
  }
  shards.sum(moments);
  const auto count = static_cast<double>(shards.count());
  const Shape shape = read[0].shape();
  kernels::ChannelStatistics all{Tensor::empty(shape), Tensor::empty(shape)};
  for (std::size_t c = 0; c < channels; ++c) {
    const double mean = moments[c] / count, variance = moments[channels + c] / count - mean * mean;
    all.mean.data<float>()[c] = static_cast<float>(mean);
    all.variance.data<float>()[c] = static_cast<float>(variance < 0 ? 0.0 : variance);
  }
  return {all.mean.to(own.mean.device()), all.variance.to(own.mean.device())};
}

std::int64_t rows_of(const Tensor& x) {
  return x.numel() / x.dim(-1);
}

kernels::ChannelStatistics statistics_of_all(BatchShards& shards, const Tensor& x, const Tensor& sums,
                                             const kernels::ChannelStatistics& known,
                                             const std::string& layer) {
  if (x.dtype() == DType::f32 || x.dtype() == DType::bf16) {
    return combine(shards, known.mean.defined() ? known : kernels::channel_statistics(x), layer);
  }
  const Tensor total = sum_exactly(shards, sums.defined() ? sums : kernels::channel_sums(x));
  return kernels::statistics_of_sums(total, rows_of(x) * shards.count());
}

}  // namespace

SynchronisedBatchNorms::SynchronisedBatchNorms(BatchShards& shards) {
  current = &shards;
}

SynchronisedBatchNorms::~SynchronisedBatchNorms() {
  current = nullptr;
}

BatchShards* SynchronisedBatchNorms::shards() {
  return current;
}

kernels::BatchNormTerms synchronised_terms(BatchShards& shards, const Tensor& x, const Tensor& scale,
                                           const BatchNormArguments& a, const Tensor& sums,
                                           const kernels::ChannelStatistics& known) {
  const kernels::ChannelStatistics statistics = statistics_of_all(shards, x, sums, known, a.layer);
  kernels::RunningStatistics running = a.running;
  if (!shards.updates_running_statistics()) {
    running.mean = running.mean.clone();
    running.variance = running.variance.clone();
  }
  return kernels::update_statistics_and_compute_terms(statistics, rows_of(x) * shards.count(),
                                                      {a.gamma.value(), a.beta.value(), scale, a.input_bias},
                                                      running, a.layer);
}

kernels::BatchStatistics statistics_for_backward(const Tensor& x, bool training) {
  BatchShards* shards = current;
  if (!training || shards == nullptr) return training;
  const auto rows = static_cast<double>(rows_of(x) * shards->count());
  const auto means = [shards, rows](const Tensor& dbeta, const Tensor& dgamma) {
    const DeviceScope on_host(Device{}, "synchronised batch norm");
    std::vector<double> sums;
    for (const Tensor& own : to_host({dbeta, dgamma})) {
      sums.insert(sums.end(), own.data<float>(), own.data<float>() + own.numel());
    }
    shards->sum(sums);
    Tensor all = Tensor::empty({2, dbeta.numel()});
    for (std::size_t k = 0; k < sums.size(); ++k) all.data<float>()[k] = static_cast<float>(sums[k] / rows);
    return all.to(dbeta.device());
  };
  return kernels::BatchStatistics(kernels::BatchStatistics::Means(means));
}

}  // namespace tern
