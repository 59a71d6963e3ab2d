#include "kernels/non_finite.h"

#include "core/device_scope.h"
#include "core/error.h"

namespace tern::kernels {
namespace {

constexpr std::int64_t kMarks = 1024;  // more than a step of the deepest network makes

thread_local NonFiniteWatch* innermost = nullptr;

// Where they are in the memory of their device, for the kernel that will be given the address.
std::int32_t* address_of(Tensor& marks) {
  const DeviceScope scope(marks.device(), "non-finite marks");
  return marks.data<std::int32_t>();
}

}  // namespace

NonFiniteWatch::NonFiniteWatch() : outer_(innermost) {
  innermost = this;
}

NonFiniteWatch::~NonFiniteWatch() {
  innermost = outer_;
}

void NonFiniteWatch::check() {
  if (messages_.empty()) return;
  const std::vector<std::int32_t> marks = marks_.to_vector<std::int32_t>();
  const std::vector<std::string> messages = std::move(messages_);
  messages_.clear();
  marks_.fill_zero();
  for (std::size_t i = 0; i < messages.size(); ++i) require<NumericError>(marks[i] == 0, "{}", messages[i]);
}

std::int32_t* NonFiniteWatch::claim(Device device, const std::string& message) {
  if (!marks_.defined()) marks_ = Tensor::zeros({kMarks}, DType::i32, device);
  if (marks_.device() != device) return nullptr;
  if (static_cast<std::int64_t>(messages_.size()) == kMarks) check();
  messages_.push_back(message);
  return address_of(marks_) + messages_.size() - 1;
}

NonFiniteReport::NonFiniteReport(Device device, std::string message) : message_(std::move(message)) {
  const bool may_wait = device.type == DeviceType::cpu || innermost == nullptr;
  mark_ = may_wait ? nullptr : innermost->claim(device, message_);
  if (mark_ != nullptr) return;
  own_ = Tensor::zeros({1}, DType::i32, device);
  mark_ = address_of(own_);
}

void NonFiniteReport::settle() const {
  if (!own_.defined()) return;
  require<NumericError>(own_.to_vector<std::int32_t>()[0] == 0, "{}", message_);
}

}  // namespace tern::kernels
