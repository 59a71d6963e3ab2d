#include "tern/layers/functions/cast.h"

#include "tern/kernels/cast.h"
#include "tern/layers/autograd/tape.h"

namespace tern {

Variable cast(const Variable& x, DType dtype) {
  const DType own = x.value().dtype();
  if (own == dtype) return x;
  return Tape::record("cast", kernels::cast(x.value(), dtype), {x}, {},
                      [own](const Tensor& dy, const Saved&) {
                        return std::vector<Tensor>{own == DType::i8 ? dy : kernels::cast(dy, own)};
                      });
}

}  // namespace tern
