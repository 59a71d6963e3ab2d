#include "tern/data/bad_images.h"

#include <thread>

#include "tests/data/data_error.h"
#include "tests/support/catch.h"

using Catch::Contains;
using tern::BadImageLog;
using tern::BadImagePolicy;
using tern::DataError;
using tern::test::data_error_of;

namespace {

std::string name_of(int index) {
  return "image_" + std::to_string(index) + ".jpg";
}

void report(BadImageLog& log, int index) {
  log.report(index, name_of(index), DataError(name_of(index) + ": truncated"));
}

}  // namespace

TEST_CASE("bad images: fail throws the error of the image itself") {
  BadImageLog log(BadImagePolicy::fail, 1'000'000);
  CHECK(data_error_of([&] { report(log, 7); }) == "image_7.jpg: truncated");
}

TEST_CASE("bad images: skip counts up to one percent and throws beyond") {
  BadImageLog log(BadImagePolicy::skip, 1000);
  CHECK(log.allowed() == 10);
  for (int i = 0; i < 10; ++i) report(log, i);
  CHECK(log.count() == 10);
  const std::string error = data_error_of([&] { report(log, 10); });
  CHECK_THAT(error, Contains("11 of 1000 images cannot be decoded, the limit is 1 % (10)") &&
                        Contains("first: image_0.jpg, image_1.jpg,") && Contains("image_0.jpg: truncated"));
  CHECK(log.count() == 11);
}

TEST_CASE("bad images: a sample met in every epoch counts once") {
  BadImageLog log(BadImagePolicy::skip, 200);
  for (int epoch = 0; epoch < 5; ++epoch) {
    report(log, 3);
    report(log, 150);
  }
  CHECK(log.count() == 2);
  CHECK(log.names() == std::vector<std::string>{"image_3.jpg", "image_150.jpg"});
}

TEST_CASE("bad images: one percent of small data sets") {
  const auto allowed = [](std::int64_t size) { return BadImageLog(BadImagePolicy::skip, size).allowed(); };
  CHECK(allowed(1) == 0);
  CHECK(allowed(2) == 1);
  CHECK(allowed(99) == 1);
  CHECK(allowed(199) == 1);
  CHECK(allowed(200) == 2);
  BadImageLog single(BadImagePolicy::skip, 1);
  CHECK_THROWS_AS(report(single, 0), DataError);
}

TEST_CASE("bad images: only the first twenty names are kept") {
  BadImageLog log(BadImagePolicy::skip, 10'000);
  for (int i = 0; i < 30; ++i) report(log, i);
  CHECK(log.count() == 30);
  REQUIRE(log.names().size() == 20);
  CHECK(log.names().back() == "image_19.jpg");
}

TEST_CASE("bad images: workers report to one log at once") {
  BadImageLog log(BadImagePolicy::skip, 100'000);
  std::vector<std::thread> workers;
  for (int worker = 0; worker < 4; ++worker) {
    workers.emplace_back([&log, worker] {
      for (int i = 0; i < 200; ++i) report(log, 100 * worker + i);  // neighbours overlap by half
    });
  }
  for (std::thread& worker : workers) worker.join();
  CHECK(log.count() == 500);
}
