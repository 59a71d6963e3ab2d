#include "tests/models/train_trace_ties.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace tern::test {
namespace {

// Bounds the time of a search that is bound to fail. A step of the networks in the traces takes milliseconds.
constexpr int kMostTrials = 4000;
// How many of the best single changes are tried in pairs.
constexpr std::size_t kPaired = 40;

struct StepTie {
  std::size_t step;
  Tie tie;

  bool same_window(const StepTie& other) const {
    return step == other.step && tie.block == other.tie.block && tie.window == other.tie.window;
  }
};
using Choice = std::vector<StepTie>;

Ties ties_of(const Choice& choice, std::size_t step) {
  Ties ties;
  for (const StepTie& chosen : choice) {
    if (chosen.step == step) ties.push_back(chosen.tie);
  }
  return ties;
}

// Adds `change`, in place of another choice for that window, or takes it back if it is in there.
Choice toggled(Choice choice, const StepTie& change) {
  const auto there =
      std::find_if(choice.begin(), choice.end(), [&](const StepTie& t) { return t.same_window(change); });
  if (there == choice.end()) {
    choice.push_back(change);
  } else if (there->tie.position == change.tie.position) {
    choice.erase(there);
  } else {
    *there = change;
  }
  return choice;
}

struct Score {
  double norm = std::numeric_limits<double>::infinity();  // lowered by what is part of the explanation, too
  Deviation worst = {"a number that is not finite", norm};

  bool within_tolerance() const { return worst.ratio <= 1; }
};

Score score_of(const Deviations& deviations) {
  double squares = 0;
  Deviation worst{"nothing", 0};
  for (const Deviation& deviation : deviations) {
    squares += deviation.ratio * deviation.ratio;
    if (deviation.ratio > worst.ratio) worst = deviation;
  }
  return std::isfinite(squares) ? Score{std::sqrt(squares), worst} : Score{};
}

class TieSearch {
 public:
  explicit TieSearch(const TrainTrace& trace)
      : replay_(trace), forward_(replay_.network()), steps_(trace.steps().size()) {}

  TieExplanation run() {
    before_.push_back(replay_.save());
    std::size_t step = 0;
    while (step < steps_ && explain(step)) ++step;
    TieExplanation explanation;
    for (std::size_t i = 0; i < steps_; ++i) explanation.chosen.push_back(ties_of(best_.choice, i));
    explanation.report = fmt::format("{} steps of {} are explained by {} ties, after {} trials", step, steps_,
                                     best_.choice.size(), trials_);
    if (step < steps_) {
      explanation.report += fmt::format("; then {} is {:.3g} times its tolerance away",
                                        best_.score.worst.what, best_.score.worst.ratio);
    }
    return explanation;
  }

 private:
  struct Trial {
    Choice choice;
    Score score;

    bool operator<(const Trial& other) const { return score.norm < other.score.norm; }
  };

  // Finds the choice for which all that follows from `step` is within tolerance, and trains that step.
  bool explain(std::size_t step) {
    std::size_t first = step;
    best_ = attempt(first, step, best_.choice);
    if (!best_.score.within_tolerance()) {
      Trial found = search(first, step, best_);
      // The effect of a tie may be within the tolerances at first, and grow: go back step by step.
      while (!found.score.within_tolerance() && first > 0 && trials_ < kMostTrials) {
        found = search(--first, step, best_);
      }
      if (!found.score.within_tolerance()) return false;
      best_ = found;
    }
    replay_.restore(before_[first]);
    before_.resize(first + 1);
    for (; first <= step; ++first) {
      train(first, best_.choice);
      before_.push_back(replay_.save());
    }
    return true;
  }

  // Trains steps `first` to `last` and looks at what follows.
  Trial attempt(std::size_t first, std::size_t last, const Choice& choice) {
    ++trials_;
    Deviations deviations;
    const auto add = [&](const Deviations& more) {
      deviations.insert(deviations.end(), more.begin(), more.end());
    };
    replay_.restore(before_[first]);
    for (std::size_t step = first; step <= last; ++step) add(train(step, choice));
    add(replay_.look(last + 1, [this](const Variable& images) { return forward_(images, {}); }));
    return {choice, score_of(deviations)};
  }

  Deviations train(std::size_t step, const Choice& choice, Ties* found = nullptr) {
    const Ties chosen = ties_of(choice, step);
    return replay_.train(step, [&](const Variable& images) { return forward_(images, chosen, found); });
  }

  // Improves on `start` by changes in steps `first` to `last`: the best ones first, each on top of those
  // before it, and once more as long as that helps; then pairs.
  Trial search(std::size_t first, std::size_t last, const Trial& start) {
    const Choice changes = all_ties(first, last, start.choice);
    Trial best = attempt(first, last, start.choice);
    while (!best.score.within_tolerance() && trials_ < kMostTrials) {
      const double before = best.score.norm;
      const Choice ranked = ranked_changes(first, last, best, changes);
      for (const StepTie& change : ranked) try_changes(first, last, {change}, best);
      if (best.score.norm < before) continue;
      for (std::size_t i = 0; i < std::min(kPaired, ranked.size()); ++i) {
        for (std::size_t j = 0; j < i; ++j) try_changes(first, last, {ranked[i], ranked[j]}, best);
      }
      if (best.score.norm >= before) break;
    }
    return best;
  }

  Choice all_ties(std::size_t first, std::size_t last, const Choice& choice) {
    Choice result;
    replay_.restore(before_[first]);
    for (std::size_t step = first; step <= last; ++step) {
      Ties found;
      train(step, choice, &found);
      for (const Tie& tie : found) result.push_back({step, tie});
    }
    return result;
  }

  // By what each change alone makes of `best`.
  Choice ranked_changes(std::size_t first, std::size_t last, const Trial& best, const Choice& changes) {
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t i = 0; i < changes.size() && trials_ < kMostTrials; ++i) {
      order.emplace_back(attempt(first, last, toggled(best.choice, changes[i])).score.norm, i);
    }
    std::sort(order.begin(), order.end());
    Choice ranked;
    for (const auto& [norm, index] : order) ranked.push_back(changes[index]);
    return ranked;
  }

  void try_changes(std::size_t first, std::size_t last, const Choice& changes, Trial& best) {
    if (best.score.within_tolerance() || trials_ >= kMostTrials) return;
    Choice choice = best.choice;
    for (const StepTie& change : changes) choice = toggled(choice, change);
    best = std::min(best, attempt(first, last, choice));
  }

  Replay replay_;
  TieForward forward_;
  std::size_t steps_;
  std::vector<Replay::Snapshot> before_;  // the state before each step that was reached
  Trial best_;
  int trials_ = 0;
};

}  // namespace

TieExplanation explain_by_ties(const TrainTrace& trace) {
  return TieSearch(trace).run();
}

}  // namespace tern::test
