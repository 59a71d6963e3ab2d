#include "emulation/barrier.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace tern::emulation {
namespace {

bool same(const Site& a, const Site& b) {
  return a.line == b.line && (a.file == b.file || std::strcmp(a.file, b.file) == 0);
}

std::string to_string(const Site& site) {
  return std::string(site.file) + ":" + std::to_string(site.line);
}

}  // namespace

std::string to_string(const uint3& index) {
  return "(" + std::to_string(index.x) + ", " + std::to_string(index.y) + ", " + std::to_string(index.z) +
         ")";
}

bool Barrier::arrive(Thread& thread, Site site) {
  if (arrived_ == 0) first_ = &thread;
  thread.waits = this;
  thread.site = site;
  if (!same(first_->site, site)) {
    throw std::logic_error(std::string("divergent ") + name_ + ": this thread is at " + to_string(site) +
                           ", thread " + to_string(first_->index) + " at " + to_string(first_->site));
  }
  if (++arrived_ < threads_.size()) return false;
  arrived_ = 0;
  ++phase_;
  for (Thread* each : threads_) each->waits = nullptr;
  return true;
}

std::string Barrier::why_closed() const {
  const auto missing = std::find_if(threads_.begin(), threads_.end(),
                                    [this](const Thread* thread) { return thread->waits != this; });
  std::string why = std::string("divergent ") + name_ + ": thread " + to_string(first_->index) +
                    " waits at " + to_string(first_->site) + ", thread " + to_string((*missing)->index);
  why += (*missing)->returned ? " has returned" : " waits at " + to_string((*missing)->site);
  return why;
}

}  // namespace tern::emulation
