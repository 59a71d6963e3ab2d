#include "tern/core/file_descriptor.h"

#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "tern/core/error.h"

namespace tern {
namespace {

const char* advice(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return "; free some space or choose another disk";
    case EFBIG:
      return "; raise the limit on file sizes (ulimit -f) or choose another file system";
    case EACCES:
    case EPERM:
    case EROFS:
      return "; choose a path you have permission for";
    case ENOENT:
      return "; check that the path is spelled right and that its directory exists";
    case ENOTDIR:
      return "; a part of the path is a file, not a directory";
    case EISDIR:
      return "; the path names a directory, give it a file name";
    case EMFILE:
    case ENFILE:
      return "; raise the limit on open files (ulimit -n)";
    default:
      return "";
  }
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  close();
}

int FileDescriptor::close() noexcept {
  if (!valid()) return 0;
  return ::close(std::exchange(number_, -1)) == 0 ? 0 : errno;
}

void throw_file_error(std::string_view action, const std::filesystem::path& path, int error_number) {
  throw DataError(fmt::format("cannot {} {}: {}{}", action, path.string(),
                              std::generic_category().message(error_number), advice(error_number)));
}

}  // namespace tern
