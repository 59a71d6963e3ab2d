#include "tern/training/event_file.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <protozero/pbf_builder.hpp>
#include <protozero/pbf_message.hpp>

#include "tern/training/tfrecord.h"

namespace tern {
namespace {

// The fields used of each message of event.proto and summary.proto, by their numbers there.
enum class EventProto : protozero::pbf_tag_type { wall_time = 1, step = 2, file_version = 3, summary = 5 };
enum class SummaryProto : protozero::pbf_tag_type { value = 1 };
enum class ValueProto : protozero::pbf_tag_type { tag = 1, simple_value = 2, histo = 5 };
enum class HistogramProto : protozero::pbf_tag_type {
  min = 1,
  max = 2,
  num = 3,
  sum = 4,
  sum_squares = 5,
  bucket_limit = 6,
  bucket = 7
};

constexpr const char* kStepSuffix = "/step";

template <class Message>
using Builder = protozero::pbf_builder<Message>;

std::string path_in(const std::string& folder) {
  return folder + "/" + kEventFileName;
}

double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::int64_t step_of(std::string_view event) {
  std::int64_t step = 0;
  protozero::pbf_message<EventProto> message(event.data(), event.size());
  while (message.next(EventProto::step)) step = message.get_int64();
  return step;
}

/// Whether EventFile::epoch() wrote it.
bool is_of_epoch(std::string_view event) {
  protozero::pbf_message<EventProto> message(event.data(), event.size());
  if (!message.next(EventProto::summary)) return false;
  protozero::pbf_message<SummaryProto> summary(message.get_message());
  if (!summary.next(SummaryProto::value)) return false;
  protozero::pbf_message<ValueProto> value(summary.get_message());
  return value.next(ValueProto::tag) && !value.get_string().ends_with(kStepSuffix);
}

/// Bytes of the whole records up to what is not to be kept.
std::uintmax_t bytes_until(const std::string& path, std::int64_t step, std::int64_t epoch_step) {
  std::error_code missing;
  if (!std::filesystem::is_regular_file(path, missing)) return 0;
  std::ifstream file(path, std::ios::binary);
  std::string bytes(std::filesystem::file_size(path), '\0');
  bytes.resize(
      static_cast<std::size_t>(file.read(bytes.data(), static_cast<std::streamsize>(bytes.size())).gcount()));
  std::string_view rest = bytes;
  std::uintmax_t kept = 0;
  for (auto record = take_tfrecord(rest); record; record = take_tfrecord(rest)) {
    if (step_of(*record) > (is_of_epoch(*record) ? epoch_step : step)) break;
    kept = bytes.size() - rest.size();
  }
  return kept;
}

void add_scalar(Builder<SummaryProto>& summary, const std::string& tag, double number) {
  if (std::isnan(number)) return;
  Builder<ValueProto> value(summary, SummaryProto::value);
  value.add_string(ValueProto::tag, tag);
  value.add_float(ValueProto::simple_value, static_cast<float>(number));
}

/// In 64 equal buckets between the smallest and the largest value.
void add_histogram(Builder<SummaryProto>& summary, const std::string& tag, const std::vector<float>& values) {
  constexpr std::size_t kBuckets = 64;
  const auto [smallest, largest] = std::minmax_element(values.begin(), values.end());
  const double min = *smallest, max = *largest, width = (max - min) / kBuckets;
  std::vector<double> limits, counts(kBuckets);
  double sum = 0, sum_of_squares = 0;
  for (std::size_t i = 1; i < kBuckets; ++i) limits.push_back(min + width * static_cast<double>(i));
  limits.push_back(max);
  for (const float value : values) {
    const double position = width > 0 ? (value - min) / width : 0;
    ++counts[std::min(static_cast<std::size_t>(position), kBuckets - 1)];
    sum += value;
    sum_of_squares += double{value} * value;
  }
  Builder<ValueProto> value(summary, SummaryProto::value);
  value.add_string(ValueProto::tag, tag);
  Builder<HistogramProto> histogram(value, ValueProto::histo);
  histogram.add_double(HistogramProto::min, min);
  histogram.add_double(HistogramProto::max, max);
  histogram.add_double(HistogramProto::num, static_cast<double>(values.size()));
  histogram.add_double(HistogramProto::sum, sum);
  histogram.add_double(HistogramProto::sum_squares, sum_of_squares);
  histogram.add_packed_double(HistogramProto::bucket_limit, limits.begin(), limits.end());
  histogram.add_packed_double(HistogramProto::bucket, counts.begin(), counts.end());
}

/// The record of an event of `step`, to whose summary `add` adds.
template <class Add>
std::string summary_record(std::int64_t step, const Add& add) {
  std::string data;
  {
    Builder<EventProto> event(data);
    event.add_double(EventProto::wall_time, seconds_since_1970());
    event.add_int64(EventProto::step, step);
    Builder<SummaryProto> summary(event, EventProto::summary);
    add(summary);
  }
  return tfrecord(data);
}

/// The first record of every file.
std::string version_event() {
  std::string data;
  Builder<EventProto> event(data);
  event.add_double(EventProto::wall_time, seconds_since_1970());
  event.add_string(EventProto::file_version, "brain.Event:2");
  return data;
}

}  // namespace

EventFile::EventFile(const std::string& folder, std::int64_t keep_step, std::int64_t keep_epochs_until)
    : file_(path_in(folder), bytes_until(path_in(folder), keep_step, keep_epochs_until)) {
  std::error_code ignored;  // a device
  if (std::filesystem::file_size(path_in(folder), ignored) == 0) file_.append(tfrecord(version_event()));
}

void EventFile::step(std::int64_t step, double loss, double accuracy, double lr) {
  file_.append(summary_record(step, [&](Builder<SummaryProto>& summary) {
    const auto add = [&](const std::string& tag, double number) {
      add_scalar(summary, tag + kStepSuffix, number);
    };
    add("loss", loss);
    add("accuracy", accuracy);
    add("learning_rate", lr);
  }));
}

void EventFile::epoch(const EpochMetrics& metrics, const std::vector<std::string>& layers,
                      const Module& network) {
  file_.append(summary_record(metrics.step, [&](Builder<SummaryProto>& summary) {
    add_scalar(summary, "loss/train", metrics.train_loss);
    add_scalar(summary, "loss/validation", metrics.validation_loss);
    add_scalar(summary, "accuracy/train", metrics.train_accuracy);
    add_scalar(summary, "accuracy/validation", metrics.validation_accuracy);
    add_scalar(summary, "learning_rate", metrics.lr);
    add_scalar(summary, "images_per_second", metrics.images_per_second);
    for (std::size_t i = 0; i < layers.size(); ++i)
      add_scalar(summary, "zeros/" + layers[i], metrics.zeros.at(i));
    for (const auto& [name, parameter] : network.named_parameters()) {
      if (parameter.value().shape().rank() < 2) continue;
      add_histogram(summary, name, parameter.value().to(Device{}).to_vector<float>());
    }
  }));
}

}  // namespace tern
