// TERN_HOST_DEVICE marks an inline function that CUDA kernels call as well, so that both devices evaluate one
// text.
#pragma once

#ifdef __CUDACC__
#define TERN_HOST_DEVICE __host__ __device__
#else
#define TERN_HOST_DEVICE
#endif
