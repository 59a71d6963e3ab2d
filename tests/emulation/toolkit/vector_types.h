// CUDA's small vectors.
#pragma once

struct uint3 {
  unsigned x, y, z;
};

struct dim3 {
  constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
  unsigned x, y, z;
};

#define TERN_VECTOR_TYPE(type, name)                                      \
  struct alignas(2 * sizeof(type)) name##2 {                              \
    type x, y;                                                            \
  };                                                                      \
  struct alignas(4 * sizeof(type) > 16 ? 16 : 4 * sizeof(type)) name##4 { \
    type x, y, z, w;                                                      \
  };                                                                      \
  inline name##2 make_##name##2(type x, type y) {                         \
    return {x, y};                                                        \
  }                                                                       \
  inline name##4 make_##name##4(type x, type y, type z, type w) {         \
    return {x, y, z, w};                                                  \
  }

TERN_VECTOR_TYPE(signed char, char)
TERN_VECTOR_TYPE(unsigned char, uchar)
TERN_VECTOR_TYPE(short, short)
TERN_VECTOR_TYPE(unsigned short, ushort)
TERN_VECTOR_TYPE(int, int)
TERN_VECTOR_TYPE(unsigned, uint)
TERN_VECTOR_TYPE(float, float)
TERN_VECTOR_TYPE(double, double)
#undef TERN_VECTOR_TYPE
