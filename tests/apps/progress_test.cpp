#include "tern/apps/console/progress.h"

#include <cmath>

#include "tern/apps/console/item_progress.h"
#include "tests/support/catch.h"

namespace tern {
namespace {

using Catch::Contains;

const TerminalStyle kPlain{};
const ProgressState kState{3, 20, 120, 390, 1.2345, 0.4567, 812.4, 21.0, 760.0};

/// Collects what is written; time and width are set by hand.
struct FakeTerminal {
  std::string written;
  double now = 1000.0;
  int columns = 100;

  ProgressOutput output(bool interactive) {
    return {[this](std::string_view text) { written += text; }, [this] { return now; },
            [this] { return columns; }, TerminalStyle{interactive, false, false}};
  }
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t number = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++number;
  return number;
}

TEST_CASE("progress: durations") {
  CHECK(format_duration(0.0) == "0s");
  CHECK(format_duration(59.4) == "59s");
  CHECK(format_duration(59.6) == "1:00");
  CHECK(format_duration(187.0) == "3:07");
  CHECK(format_duration(3599.9) == "1:00:00");
  CHECK(format_duration(3723.0) == "1:02:03");
  CHECK(format_duration(86400.0 * 2 + 3600.0 * 5 + 100.0) == "2d 05h");
  CHECK(format_duration(-1.0) == "?");
  CHECK(format_duration(std::nan("")) == "?");
  CHECK(format_duration(INFINITY) == "?");
}

TEST_CASE("progress: rates") {
  CHECK(format_rate(0.0) == "0.00 img/s");
  CHECK(format_rate(7.419) == "7.42 img/s");
  CHECK(format_rate(9.996) == "10.0 img/s");
  CHECK(format_rate(845.2) == "845 img/s");
  CHECK(format_rate(9999.0) == "9999 img/s");
  CHECK(format_rate(12345.0) == "12.3k img/s");
  CHECK(format_rate(std::nan("")) == "? img/s");
}

TEST_CASE("progress: a bar has its width and is full only at the end") {
  CHECK(format_bar(0.0, 4, kPlain) == "----");
  CHECK(format_bar(0.5, 4, kPlain) == "##--");
  CHECK(format_bar(0.999, 4, kPlain) == "###-");
  CHECK(format_bar(1.0, 4, kPlain) == "####");
  CHECK(format_bar(7.0, 4, kPlain) == "####");
  CHECK(format_bar(std::nan(""), 4, kPlain) == "----");
  CHECK(format_bar(0.5, 0, kPlain).empty());
  CHECK(format_bar(0.5, 4, TerminalStyle{true, false, true}) == "━━──");
  CHECK_THAT(format_bar(0.5, 4, TerminalStyle{true, true, false}), Contains("\x1b[36m##\x1b[0m"));
}

TEST_CASE("progress: the line shows all where there is room") {
  CHECK(
      progress_line(kState, 100, kPlain) ==
      "epoch 3/20 120/390 #######------------------  loss 1.2345  acc 45.67%  812 img/s  ETA 21s  run 12:40");
  CHECK(plain_progress_line(kState) ==
        "epoch 3/20 120/390  loss 1.2345  acc 45.67%  812 img/s  ETA 21s  run 12:40");
}

TEST_CASE("progress: the line fits every width") {
  for (int columns = 0; columns <= 200; ++columns) {
    CAPTURE(columns);
    CHECK(progress_line(kState, columns, kPlain).size() <= static_cast<std::size_t>(columns));
  }
  CHECK(progress_line(kState, 40, kPlain) == "epoch 3/20 120/390 ##------  loss 1.2345");
  CHECK(progress_line(kState, 20, kPlain) == "epoch 3/20 120/390");
}

TEST_CASE("progress: the rate is exact from the start and forgets a slow beginning") {
  SmoothedRate rate;
  CHECK(rate.per_second() == 0.0);
  rate.add(100.0, 2.0);
  CHECK(rate.per_second() == Approx(50.0));
  for (int i = 0; i < 100; ++i) rate.add(400.0, 1.0);
  CHECK(rate.per_second() == Approx(400.0).epsilon(0.001));
}

TEST_CASE("progress: a terminal is redrawn at most ten times a second, and at the epoch's end") {
  FakeTerminal terminal;
  {
    Progress progress(1, 1000, terminal.output(true));
    progress.start_epoch(1);
    for (int step = 1; step <= 1000; ++step) {
      terminal.now += 0.01;
      progress.advance(step, 8, 1.0, 0.5);
    }
    const std::size_t draws = count(terminal.written, "\r");
    CHECK(draws <= 101);
    CHECK(draws >= 80);
    CHECK_THAT(terminal.written, Contains("1000/1000") && Contains("800 img/s"));
    CHECK(count(terminal.written, "\n") == 0);
  }
  CHECK(terminal.written.back() == '\n');
}

TEST_CASE("progress: elsewhere a plain line every 30 seconds and no control characters") {
  FakeTerminal terminal;
  Progress progress(2, 100, terminal.output(false));
  progress.start_epoch(1);
  for (int step = 1; step <= 100; ++step) {
    terminal.now += 1.0;
    progress.advance(step, 8, 1.0, 0.5);
  }
  CHECK(count(terminal.written, "\n") == 3);
  CHECK_THAT(terminal.written, !Contains("\r") && !Contains("\x1b"));
  CHECK_THAT(terminal.written, Contains("30/100") && Contains("60/100") && Contains("90/100"));
}

TEST_CASE("progress: the time left counts the other epochs and their validation") {
  FakeTerminal terminal;
  Progress progress(3, 10, terminal.output(false));
  progress.start_epoch(1);
  for (int step = 1; step <= 10; ++step) {
    terminal.now += 31.0;
    progress.advance(step, 8, 1.0, 0.5);
  }
  terminal.now += 100.0;  // validation
  progress.start_epoch(2);
  terminal.written.clear();
  terminal.now += 31.0;
  progress.advance(1, 8, 1.0, 0.5);
  // 9 steps here, 10 in epoch 3, two validations: 279 s, and 279 + 310 + 200 s.
  CHECK_THAT(terminal.written, Contains("ETA 4:39") && Contains("run 13:09"));
}

TEST_CASE("progress: a message takes the place of the bar") {
  FakeTerminal terminal;
  Progress progress(1, 10, terminal.output(true));
  progress.start_epoch(1);
  terminal.now += 1.0;
  progress.advance(1, 8, 1.0, 0.5);
  terminal.written.clear();
  progress.message("saved");
  CHECK(terminal.written == "\r\x1b[Ksaved\n");
  progress.message("again");
  CHECK(terminal.written == "\r\x1b[Ksaved\nagain\n");
}

TEST_CASE("item progress: a bar on a terminal, which messages and the end remove") {
  FakeTerminal terminal;
  {
    ItemProgress progress(40, terminal.output(true));
    progress.advance(0);
    CHECK(terminal.written.empty());
    terminal.now += 1;
    progress.advance(10);
    CHECK_THAT(terminal.written,
               Catch::Equals("##########------------------------------  10/40  10.0 img/s  ETA 3s"));
    progress.message("x.jpg: bad");
    CHECK_THAT(terminal.written, Catch::EndsWith("\r\x1b[Kx.jpg: bad\n"));
    terminal.columns = 12;
    terminal.now += 1;
    progress.advance(20);
    CHECK_THAT(terminal.written, Catch::EndsWith("bad\n20/40  10.0"));
  }
  CHECK_THAT(terminal.written, Catch::EndsWith("20/40  10.0\r\x1b[K"));
}

TEST_CASE("item progress: nothing but messages elsewhere") {
  FakeTerminal terminal;
  {
    ItemProgress progress(40, terminal.output(false));
    terminal.now += 100;
    progress.advance(10);
    progress.message("x.jpg: bad");
  }
  CHECK(terminal.written == "x.jpg: bad\n");
}

}  // namespace
}  // namespace tern
