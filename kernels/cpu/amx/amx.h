// AMX, the matrix unit of Intel's server CPUs since Sapphire Rapids: products of bf16 tiles, summed in f32.
#pragma once

namespace tern::kernels::cpu::amx {

/// Whether this process may use AMX for bf16: the CPU has it, the kernel grants it, and oneDNN was not held
/// to an older instruction set (ONEDNN_MAX_CPU_ISA).
bool is_available();

}  // namespace tern::kernels::cpu::amx
