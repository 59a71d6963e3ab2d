#include <algorithm>
#include <functional>

#include "tests/models/train_trace_ties.h"
#include "tests/support/catch.h"
#include "tests/support/devices.h"
#include "tests/support/fixtures.h"

using namespace tern;

namespace {

void append(test::Deviations& all, const test::Deviations& more) {
  all.insert(all.end(), more.begin(), more.end());
}

bool out_of_tolerance(const test::Deviation& deviation) {
  return deviation.binding && !(deviation.ratio <= 1);  // a NaN is
}

// Of the whole run from the initial state; forward_of(step) computes the logits of that step.
test::Deviations run(const test::TrainTrace& trace, test::Replay& replay,
                     const std::function<test::Replay::Forward(std::size_t step)>& forward_of) {
  test::Deviations deviations;
  for (std::size_t step = 0; step < trace.steps().size(); ++step) {
    append(deviations, replay.train(step, forward_of(step)));
  }
  append(deviations, trace.of_final_state(replay.network()));
  append(deviations, trace.of_evaluation(replay.network(), replay.device()));
  return deviations;
}

void check(const test::Deviations& deviations) {
  REQUIRE_FALSE(deviations.empty());
  for (const test::Deviation& deviation : deviations) {
    INFO(deviation.what << ": difference in units of its tolerance " << deviation.ratio);
    CHECK_FALSE(out_of_tolerance(deviation));
  }
}

// For a run of the real network that left the trace at `first`, with those losses. The ties are found on the
// CPU; they have to explain the run on its own device.
void check_with_ties(const test::TrainTrace& trace, const test::Deviation& first, Device device,
                     const std::vector<float>& losses) {
  test::Replay plain(trace, device);
  const test::TieForward plain_forward(plain.network());
  run(trace, plain,
      [&](std::size_t) { return [&](const Variable& images) { return plain_forward(images, {}); }; });
  REQUIRE(plain.losses() == losses);  // to the bit, so that what holds with ties tells of the real network

  const test::TieExplanation ties = test::explain_by_ties(trace);
  INFO("without ties, " << first.what << " is " << first.ratio << " times its tolerance away; "
                        << ties.report);
  test::Replay explained(trace, device);
  const test::TieForward forward(explained.network());
  check(run(trace, explained, [&](std::size_t step) {
    return [&, step](const Variable& images) { return forward(images, ties.chosen[step]); };
  }));
}

}  // namespace

TEST_CASE("train trace: every run of the official code is reproduced step by step") {
  const Device device = test::each_device();
  for (const auto& path : test::fixture_files("train_trace_*.safetensors")) {
    INFO(path.string());
    const test::TrainTrace trace(path);
    test::Replay replay(trace, device);
    Module& network = replay.network();
    const test::Deviations deviations = run(trace, replay, [&](std::size_t) {
      return [&](const Variable& images) { return network.forward(images); };
    });
    const auto first = std::find_if(deviations.begin(), deviations.end(), out_of_tolerance);
    if (first == deviations.end()) {
      check(deviations);
    } else {
      check_with_ties(trace, *first, device, replay.losses());
    }
  }
}
