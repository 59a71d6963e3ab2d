#include "tern/kernels/cpu/amx/amx.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <dnnl.hpp>

namespace tern::kernels::cpu::amx {
namespace {

// Tiles are part of a thread's state only after the process has asked for it (Linux: arch/x86/xstate.rst).
bool ask_for_tiles() {
  constexpr long kRequestPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

bool has_amx() {
  const auto isa = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  const auto wanted = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_amx);
  return (isa & wanted) == wanted;
}

}  // namespace

bool is_available() {
  static const bool available = has_amx() && ask_for_tiles();
  return available;
}

}  // namespace tern::kernels::cpu::amx
