// Ternary values at 5 trits per byte (3^5 = 243 <= 256): 1.6 bits per weight.
//
// Byte = t0 + 3 t1 + 9 t2 + 27 t3 + 81 t4 with t = value + 1, the values in their order; the last byte of a
// tensor is filled up with zeros (t = 1).
#pragma once

#include "tern/core/tensor.h"

namespace tern {

/// u8 vector of ceil(numel / 5) bytes from i8 values in {-1, 0, +1}. Throws DataError for any other value.
Tensor pack_trits(const Tensor& values);

/// i8 values of the given shape. Throws DataError if `bytes` is not such a vector, a byte is above 242 or the
/// filling is not zero.
Tensor unpack_trits(const Tensor& bytes, const Shape& shape);

}  // namespace tern
