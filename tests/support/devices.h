// One test case for every device.
//
//   TEST_CASE("relu: ...") {
//     const Device device = test::each_device();
//     const Tensor y = kernels::relu(x.to(device));
#pragma once

#include "tern/core/device.h"

namespace tern::test {

/// Makes the test case that calls it run once on each device that this build and machine have: the CPU, and a
/// GPU where there is one. In the emulated build the GPU counts three times: its threads run forward, in
/// reverse and shuffled, and no kernel's result may depend on that. (Once under ThreadSanitizer, which sees a
/// race in any order.) Call it once per test case, before anything else.
Device each_device();

/// As each_device without the CPU, for what only a GPU has: false, with a warning, where there is none.
///
///   Device device;
///   if (!test::each_gpu(device)) return;
bool each_gpu(Device& device);

/// True for the emulated GPU: there, a case may leave out what is too large or has nothing to show.
bool is_emulated(Device device);

}  // namespace tern::test
