#include "tern/apps/console/version.h"

#include <fmt/format.h>

#include "tern/apps/console/commit.h"
#include "tern/kernels/cpu/packed/kernels.h"

namespace tern {

std::string_view version() {
  return TERN_VERSION;
}

std::string version_text(std::string_view program) {
  return fmt::format(
      "{} {}\ncommit           {}\nCUDA             {}\nMPI              {}\ninstruction set  {}", program,
      version(), commit(), TERN_CUDA_STATUS, TERN_MPI_STATUS, packed::kernels().name);
}

}  // namespace tern
