#pragma once

namespace tern {

/// How many processes mpirun or srun has started together with this one, as they say in its environment; 0
/// where there is neither.
int launched_ranks();

}  // namespace tern
