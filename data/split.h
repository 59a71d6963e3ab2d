// The parts into which the authors of a data set divided it.
#pragma once

namespace tern {

enum class Split { train, test };

}  // namespace tern
