#include "tern/training/event_file.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <protozero/pbf_reader.hpp>

#include "tern/training/run_folder.h"
#include "tern/training/tfrecord.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"
#include "tests/training/small_training.h"

namespace tern {
namespace {

using test::SmallTraining;
using test::TemporaryDirectory;

TEST_CASE("tfrecord: length, data and the masked checksums of both") {
  const std::string record = tfrecord("abc");
  REQUIRE(record.size() == 8 + 4 + 3 + 4);
  CHECK(record.substr(0, 8) == std::string("\x03\0\0\0\0\0\0\0", 8));
  CHECK(record.substr(12, 3) == "abc");
  // CRC-32C 0x364b3fb7, turned right by 15 and increased by 0xa282ead8.
  std::uint32_t masked = 0;
  std::memcpy(&masked, record.data() + 15, 4);
  CHECK(masked == ((0x364b3fb7U >> 15 | 0x364b3fb7U << 17) + 0xa282ead8U));

  std::string two = record + tfrecord("");
  std::string_view rest = two;
  CHECK(take_tfrecord(rest) == std::string_view("abc"));
  CHECK(take_tfrecord(rest) == std::string_view());
  CHECK(rest.empty());
  CHECK_FALSE(take_tfrecord(rest));
}

TEST_CASE("tfrecord: a record that is cut off or damaged anywhere is none") {
  const std::string record = tfrecord("abc");
  for (std::size_t size = 0; size < record.size(); ++size) {
    std::string_view part(record.data(), size);
    CHECK_FALSE(take_tfrecord(part));
    std::string damaged = record;
    damaged[size] = static_cast<char>(damaged[size] ^ 4);
    std::string_view rest = damaged;
    CHECK_FALSE(take_tfrecord(rest));
    CHECK(rest.size() == damaged.size());
  }
}

/// What a test looks at of an event.
struct Event {
  std::int64_t step = 0;
  std::string version;
  std::map<std::string, float> scalars;
  std::map<std::string, double> histogram_sums;    // of the bucket's counts
  std::map<std::string, double> histogram_limits;  // the last one
};

void read_value(protozero::pbf_reader value, Event& event) {
  std::string tag;
  while (value.next()) {
    if (value.tag() == 1) {
      tag = value.get_string();
    } else if (value.tag() == 2) {
      event.scalars[tag] = value.get_float();
    } else {
      REQUIRE(value.tag() == 5);
      protozero::pbf_reader histogram = value.get_message();
      double sum = 0, limit = 0;
      while (histogram.next()) {
        if (histogram.tag() == 6) {
          for (const double each : histogram.get_packed_double()) limit = each;
        } else if (histogram.tag() == 7) {
          for (const double count : histogram.get_packed_double()) sum += count;
        } else {
          histogram.skip();
        }
      }
      event.histogram_sums[tag] = sum;
      event.histogram_limits[tag] = limit;
    }
  }
}

std::vector<Event> events_of(const std::filesystem::path& file) {
  const std::string bytes = test::read_bytes(file);
  std::string_view rest = bytes;
  std::vector<Event> events;
  while (const auto record = take_tfrecord(rest)) {
    Event& event = events.emplace_back();
    protozero::pbf_reader reader(record->data(), record->size());
    while (reader.next()) {
      if (reader.tag() == 2) {
        event.step = reader.get_int64();
      } else if (reader.tag() == 3) {
        event.version = reader.get_string();
      } else if (reader.tag() == 5) {
        protozero::pbf_reader summary = reader.get_message();
        while (summary.next(1)) read_value(summary.get_message(), event);
      } else {
        reader.skip();
      }
    }
  }
  CHECK(rest.empty());
  return events;
}

EpochMetrics metrics_at(std::int64_t step) {
  return {1, step, 0.5, 0.25, 0.75, NAN, 0.001, 800, 12, {0.125}};
}

TEST_CASE("event file: an event for each epoch, with what was measured and a histogram of each weight") {
  const TemporaryDirectory directory;
  SmallTraining small;
  EventFile(directory.path(), 0, 0).epoch(metrics_at(40), {"conv"}, small.network);
  const std::vector<Event> events = events_of(directory / kEventFileName);
  REQUIRE(events.size() == 2);
  CHECK(events[0].version == "brain.Event:2");
  CHECK(events[1].step == 40);
  CHECK(events[1].scalars == std::map<std::string, float>{{"loss/train", 0.5F},
                                                          {"loss/validation", 0.75F},
                                                          {"accuracy/train", 0.25F},
                                                          {"learning_rate", 0.001F},
                                                          {"images_per_second", 800.0F},
                                                          {"zeros/conv", 0.125F}});
  CHECK(events[1].histogram_sums == std::map<std::string, double>{{"linear.weight", 6}});
  const std::vector<float> weight = small.weight();
  CHECK(events[1].histogram_limits.at("linear.weight") == *std::max_element(weight.begin(), weight.end()));
}

TEST_CASE("event file: what belongs to later steps is cut off, and what is damaged") {
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory / kEventFileName;
  SmallTraining small;
  const auto steps = [&] {
    std::vector<std::int64_t> all;
    for (const Event& event : events_of(path)) all.push_back(event.step);
    return all;
  };
  {
    EventFile file(directory.path(), 0, 0);
    for (const std::int64_t step : {10, 20, 30}) file.epoch(metrics_at(step), {"conv"}, small.network);
  }
  EventFile(directory.path(), 20, 20);
  CHECK(steps() == std::vector<std::int64_t>{0, 10, 20});
  std::ofstream(path, std::ios::binary | std::ios::app) << tfrecord("x").substr(0, 15);
  EventFile(directory.path(), 100, 100).epoch(metrics_at(30), {"conv"}, small.network);
  CHECK(steps() == std::vector<std::int64_t>{0, 10, 20, 30});
  EventFile(directory.path(), -1, -1);
  CHECK(steps() == std::vector<std::int64_t>{0});  // begun anew
}

TEST_CASE("event file: steps have tags of their own, and go with the checkpoint, not with the epoch") {
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory / kEventFileName;
  SmallTraining small;
  {
    EventFile file(directory.path(), 0, 0);
    file.step(5, 2.5, 0.5, 0.01);
    file.step(10, 1.5, 0.75, 0.01);
    file.epoch(metrics_at(10), {"conv"}, small.network);
    file.step(15, 1.25, 1, 0.005);
  }
  const std::vector<Event> events = events_of(path);
  REQUIRE(events.size() == 5);
  CHECK(events[1].step == 5);
  CHECK(events[1].scalars == std::map<std::string, float>{{"loss/step", 2.5F},
                                                          {"accuracy/step", 0.5F},
                                                          {"learning_rate/step", 0.01F}});
  EventFile(directory.path(), 14, 10);
  CHECK(events_of(path).size() == 4);
  EventFile(directory.path(), 10, 0);  // saved before the validation
  REQUIRE(events_of(path).size() == 3);
  CHECK(events_of(path).back().step == 10);
}

TEST_CASE("event file: a resumed run has the events of its checkpoint") {
  const TemporaryDirectory directory;
  SmallTraining small;
  const auto save_epoch = [&](RunFolder& folder, std::int64_t epoch) {
    EpochMetrics metrics = metrics_at(10 * epoch);
    metrics.epoch = epoch;
    metrics.zeros.clear();
    folder.save_epoch(small.network, small.optimizer, {.epoch = epoch, .step = 10 * epoch}, metrics, false);
  };
  {
    RunFolder folder(directory / "run", RunStart::anew, {.tensorboard = true});
    folder.open(small.network, small.optimizer);
    save_epoch(folder, 1);
  }
  // Of an epoch whose checkpoint was not written any more.
  EventFile(directory / "run", 100, 100).epoch(metrics_at(20), {"conv"}, small.network);
  REQUIRE(events_of(directory / "run" / kEventFileName).size() == 3);
  RunFolder folder(directory / "run", RunStart::resume, {.tensorboard = true});
  folder.open(small.network, small.optimizer);
  CHECK(events_of(directory / "run" / kEventFileName).size() == 2);
  save_epoch(folder, 2);
  CHECK(events_of(directory / "run" / kEventFileName).size() == 3);
}

}  // namespace
}  // namespace tern
