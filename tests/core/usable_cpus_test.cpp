#include "tern/core/usable_cpus.h"

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace tern {
namespace {

using test::TemporaryDirectory;

TEST_CASE("usable CPUs: a process bound to one has one") {
  CHECK(usable_cpus() >= 1);
  const pid_t child = fork();
  if (child == 0) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    _exit(sched_setaffinity(0, sizeof one, &one) == 0 ? usable_cpus() : 100);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 1);
}

TEST_CASE("default threads: OMP_NUM_THREADS decides, where it is a number, else the usable CPUs") {
  const char* set = std::getenv("OMP_NUM_THREADS");
  const std::string before = set == nullptr ? "" : set;
  const auto with = [](const char* value) {
    setenv("OMP_NUM_THREADS", value, 1);
    return default_threads();
  };
  CHECK(with("7") == 7);
  CHECK(with("5,2") == 5);
  CHECK(with(" 3 ") == 3);
  for (const char* value : {"", "0", "-2", "all", "4x"}) CHECK(with(value) == usable_cpus());
  unsetenv("OMP_NUM_THREADS");
  CHECK(default_threads() == usable_cpus());
  if (set != nullptr) setenv("OMP_NUM_THREADS", before.c_str(), 1);
}

TEST_CASE("usable CPUs: the smallest quota of a control group and those above it, rounded up") {
  const TemporaryDirectory root;
  const char* groups = "0::/a/b\n";
  CHECK(cgroup_cpus(root.path(), groups) == 0);
  root.write("a/b/cpu.max", "max 100000\n");
  CHECK(cgroup_cpus(root.path(), groups) == 0);
  root.write("a/cpu.max", "250000 100000\n");
  CHECK(cgroup_cpus(root.path(), groups) == 3);
  root.write("a/b/cpu.max", "50000 100000\n");
  CHECK(cgroup_cpus(root.path(), groups) == 1);
  root.write("a/b/cpu.max", "nonsense\n");
  CHECK(cgroup_cpus(root.path(), groups) == 3);
}

TEST_CASE("usable CPUs: control groups of version 1") {
  const TemporaryDirectory root;
  const char* groups = "11:memory:/x\n4:cpu,cpuacct:/a\n1:cpuset:/\n";
  root.write("cpu/a/cpu.cfs_quota_us", "-1\n");
  root.write("cpu/a/cpu.cfs_period_us", "100000\n");
  CHECK(cgroup_cpus(root.path(), groups) == 0);
  root.write("cpu/a/cpu.cfs_quota_us", "400000\n");
  CHECK(cgroup_cpus(root.path(), groups) == 4);
}

TEST_CASE("usable CPUs: within a container its own group is the root, whatever the host calls it") {
  const TemporaryDirectory root;
  root.write("cpu.max", "150000 100000\n");
  CHECK(cgroup_cpus(root.path(), "0::/\n") == 2);
  root.write("cpu/cpu.cfs_quota_us", "300000\n");
  root.write("cpu/cpu.cfs_period_us", "100000\n");
  CHECK(cgroup_cpus(root.path(), "4:cpu,cpuacct:/docker/0123\n") == 3);
  CHECK(cgroup_cpus(root.path(), "4:cpu,cpuacct:/docker/0123\n0::/\n") == 2);
}

}  // namespace
}  // namespace tern
