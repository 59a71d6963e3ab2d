// Which part of a data set that its authors divided into two.
#pragma once

namespace tern {

enum class Split { train, test };

}  // namespace tern
