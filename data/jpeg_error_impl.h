// libjpeg's error handling for C++: shared by the decoder and the encoder, not for use elsewhere.
//
// libjpeg reports an error by calling a handler that must not return. The handler here keeps the message and
// leaves by longjmp, which runs no destructors; JpegErrorManager::run keeps all libjpeg calls in functions
// without objects that need one. What needs destruction lives in the frames above.
#pragma once

#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <type_traits>

// clang-format off: jpeglib.h uses FILE and size_t without including them, so it comes last.
#include <jerror.h>
#include <jpeglib.h>
// clang-format on

namespace tern {

class JpegErrorManager {
 public:
  JpegErrorManager() {
    jpeg_std_error(&base_);
    base_.error_exit = &JpegErrorManager::leave;
    base_.emit_message = &JpegErrorManager::leave_at_warning;
  }
  JpegErrorManager(const JpegErrorManager&) = delete;
  JpegErrorManager& operator=(const JpegErrorManager&) = delete;

  jpeg_error_mgr* base() { return &base_; }
  const char* message() const { return message_; }
  /// After run() gave false.
  bool out_of_memory() const { return base_.msg_code == JERR_OUT_OF_MEMORY; }

  /// Calls `step`, which may call libjpeg. False if libjpeg reported an error or a warning. `step` may own
  /// nothing that a destructor would release, neither in its captures nor in its body.
  template <class Step>
  bool run(const Step& step) {
    static_assert(std::is_trivially_destructible_v<Step>);
    if (setjmp(escape_) != 0) return false;
    step();
    return true;
  }

  /// Leaves the running step with a message of ours.
  [[noreturn]] static void leave_with(j_common_ptr info, const char* message) {
    auto* self = reinterpret_cast<JpegErrorManager*>(info->err);
    std::snprintf(self->message_, sizeof(self->message_), "%s", message);
    std::longjmp(self->escape_, 1);
  }

 private:
  [[noreturn]] static void leave(j_common_ptr info) {
    char message[JMSG_LENGTH_MAX];
    info->err->format_message(info, message);
    leave_with(info, message);
  }
  static void leave_at_warning(j_common_ptr info, int level) {
    constexpr int kEndOfImage = 0xd9;
    const bool is_padding =
        info->err->msg_code == JWRN_EXTRANEOUS_DATA && info->err->msg_parm.i[1] == kEndOfImage;
    if (level < 0 && !is_padding) leave(info);
  }

  jpeg_error_mgr base_;  // first: libjpeg hands back a pointer to it, which is one to the whole
  std::jmp_buf escape_;
  char message_[JMSG_LENGTH_MAX] = {};
};
static_assert(std::is_standard_layout_v<JpegErrorManager>);

}  // namespace tern
