#include "tern/benchmarks/support/run_case.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "tern/benchmarks/support/operation.h"
#include "tern/benchmarks/support/peer.h"
#include "tern/core/error.h"
#include "tern/kernels/add.h"
#include "tests/support/catch.h"
#include "tests/support/random_tensors.h"

namespace tern::bench {
namespace {

using Catch::Contains;

Implementation stand_in(const std::string& name, const std::string& problem, int& runs) {
  return {name, Peak::copy, 8, [&runs](std::size_t) { ++runs; }, [problem] { return problem; }};
}

Case case_of(const std::vector<Implementation>& implementations) {
  return {"test/case", "(1)", 1, 1e6, [=](Device) { return implementations; }};
}

/// What should be a sum: `wrong`, asked in every run, is added to its element 7.
Case addition(const std::function<float()>& wrong) {
  return operation("addition", {3, 5}, [wrong] {
    return Operation{{test::random_tensor({3, 5}, 1), test::random_tensor({3, 5}, 2)},
                     [wrong](Tensors& in) {
                       Tensor y = kernels::add(in[0], in[1]);
                       y.data<float>()[7] += wrong();
                       return Tensors{y};
                     },
                     [](const Tensors& in) {
                       return std::vector<Values>{generate(15, [&](std::int64_t i) {
                         return double{in[0].data<float>()[i]} + in[1].data<float>()[i];
                       })};
                     }};
  });
}

}  // namespace

TEST_CASE("tern-bench: a wrong result is reported and not timed, the right ones beside it are") {
  int right_runs = 0, wrong_runs = 0;
  const Case work =
      case_of({stand_in("wrong", "element 3 is 7", wrong_runs), stand_in("right", "", right_runs)});
  const std::vector<Row> rows = run_case(work, {Device{}, 1, 0}, {});
  REQUIRE(rows.size() == 2);
  CHECK_FALSE(rows[0].verified);
  CHECK(rows[0].problem == "element 3 is 7");
  CHECK(wrong_runs == 1);
  CHECK(rows[1].verified);
  CHECK(right_runs == 2);
  CHECK_FALSE(none_wrong(rows));
  CHECK(to_json(rows[0])["median_seconds"].is_null());
  CHECK(to_json(rows[1])["median_seconds"] > 0);
}

TEST_CASE("tern-bench: an operation with one wrong element is not verified, the right one is") {
  const auto row = [](const std::function<float()>& wrong) {
    return run_case(addition(wrong), {Device{}, 1, 0}, {}).at(0);
  };
  CHECK(row([] { return 0.0F; }).verified);
  const Row bad = row([] { return 0.1F; });
  CHECK_FALSE(bad.verified);
  CHECK_THAT(bad.problem, Contains("element 7"));
  int runs = 0;
  CHECK_FALSE(row([&runs] { return runs++ == 0 ? 0.0F : 0.1F; }).verified);  // right the first time alone
}

TEST_CASE("tern-bench: results that are missing, too many or of another size are wrong") {
  const Tensor one = Tensor::full({1}, 1);
  CHECK(difference({one}, {{1.0}}).empty());
  CHECK_FALSE(difference({}, {{1.0}}).empty());
  CHECK_FALSE(difference({one, one}, {{1.0}}).empty());
  CHECK_FALSE(difference({one}, {{1.0, 1.0}}).empty());
}

TEST_CASE("tern-bench: integers must be equal where floats may be rounded") {
  CHECK(difference({Tensor::full({1}, 10000)}, {{10000.5}}).empty());
  CHECK_FALSE(difference({Tensor::from<std::int32_t>({1}, {10000})}, {{10001.0}}).empty());
}

TEST_CASE("tern-bench: what fails is a row with the reason, and the other implementations go on") {
  int runs = 0;
  const Implementation fails{"fails", Peak::copy, 8,
                             [](std::size_t) { throw std::runtime_error("no engine"); },
                             [] { return std::string(); }};
  const std::vector<Row> rows = run_case(case_of({fails, stand_in("works", "", runs)}), {Device{}, 1, 0}, {});
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].problem == "no engine");
  CHECK(rows[1].verified);

  const Case unprepared{"test/case", "", 1, 0, [](Device) -> std::vector<Implementation> {
                          throw std::runtime_error("out of memory");
                        }};
  const std::vector<Row> none = run_case(unprepared, {Device{}, 1, 0}, {});
  REQUIRE(none.size() == 1);
  CHECK(none[0].problem == "out of memory");
  CHECK_FALSE(none_wrong(none));
}

TEST_CASE("tern-bench: what a peer cannot do here is skipped with the reason, and nothing is wrong") {
  int runs = 0;
  const Implementation refused =
      peer("refused", []() -> Implementation { throw DeviceError("no int8 engine"); });
  const std::vector<Row> rows =
      run_case(case_of({refused, stand_in("works", "", runs)}), {Device{}, 1, 0}, {});
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].implementation == "refused");
  CHECK(rows[0].problem == "no int8 engine");
  CHECK(rows[1].verified);
  CHECK(none_wrong(rows));
  CHECK(to_json(rows[0])["skipped"] == true);
  CHECK(to_json(rows[0])["verified"] == false);
  CHECK(to_json(rows[0])["problem"] == "no int8 engine");
  CHECK_FALSE(to_json(rows[1]).contains("skipped"));
  CHECK(peer("taken", [&] { return stand_in("taken", "", runs); }).skipped.empty());
}

TEST_CASE("tern-bench: of a peer's ways the fastest is taken whose result is right") {
  const auto takes = [](const std::string& name, std::chrono::microseconds time, const std::string& problem) {
    return Implementation{name, Peak::copy, 8, [time](std::size_t) { std::this_thread::sleep_for(time); },
                          [problem] { return problem; }};
  };
  using std::chrono_literals::operator""us;
  const Implementation slow = takes("slow", 10000us, ""), quick = takes("quick", 100us, ""),
                       wrong = takes("wrong", 0us, "element 3 is 7"),
                       refused = peer("refused", []() -> Implementation { throw DeviceError("no engine"); });
  CHECK(fastest({wrong, slow, quick, refused}, Device{}).name == "quick");
  CHECK(fastest({quick, slow}, Device{}).name == "quick");
  CHECK_THROWS_WITH(fastest({refused, wrong}, Device{}), Contains("none of 2") && Contains("element 3 is 7"));
  CHECK_THROWS_AS(fastest({}, Device{}), DeviceError);
}

TEST_CASE("tern-bench: rates and the fraction of the peak follow from the median") {
  Row row;
  row.macs = 3e9;
  row.bytes = 1e9;
  row.timing.median = 0.5;
  CHECK(row.gmac_per_second() == Approx(6));
  CHECK(row.gb_per_second() == Approx(2));

  int runs = 0;
  const Peaks peaks{{Peak::copy, 0.004}};  // GB/s
  const Row measured = run_case(case_of({stand_in("copy", "", runs)}), {Device{}, 1, 0}, peaks).at(0);
  CHECK(measured.fraction_of_peak == Approx(8 / measured.timing.median / 0.004e9));
  CHECK(to_json(measured)["peak"] == "copy_gb_per_second");

  row.verified = true;
  row.timing = {0.5, 0.4, 0.7, 9};
  const auto json = to_json(row);
  CHECK(json["median_seconds"] == 0.5);
  CHECK(json["quartile_seconds"] == nlohmann::ordered_json{0.4, 0.7});
  CHECK(json["samples"] == 9);
  CHECK(json["gmac_per_second"] == Approx(6));
  CHECK(json["gb_per_second"] == Approx(2));
  CHECK(json["mac_per_byte"] == Approx(3));
}

TEST_CASE("tern-bench: medians and quartiles of samples") {
  const Timing timing = summarise({5, 1, 4, 2, 3});
  CHECK(timing.median == 3);
  CHECK(timing.lower_quartile == 2);
  CHECK(timing.upper_quartile == 4);
  CHECK(summarise({1, 2}).median == 1.5);
  CHECK(summarise({7}).upper_quartile == 7);
}

TEST_CASE("tern-bench: implementations take turns, and every slot has its turn") {
  std::vector<std::string> order;
  std::vector<std::size_t> slots;
  const auto named = [&](const char* name) {
    return Run([&order, &slots, name](std::size_t slot) {
      order.push_back(name);
      slots.push_back(slot);
    });
  };
  // A zero budget: one sample each.
  CHECK(measure({named("a"), named("b")}, Device{}, 0).size() == 2);
  CHECK(order == std::vector<std::string>{"a", "b"});
  const std::vector<Timing> timings = measure({named("a")}, Device{}, 1e-9);
  CHECK(timings[0].samples >= 5);
  CHECK(timings[0].median < 1e-4);  // of a run; a sample of many takes 1e-3
  for (std::size_t slot = 0; slot < kSlots; ++slot) CHECK(std::count(slots.begin(), slots.end(), slot) > 5);
}

}  // namespace tern::bench
