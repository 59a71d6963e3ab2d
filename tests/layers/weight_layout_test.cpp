#include "tern/layers/weight_layout.h"

#include "tern/core/error.h"
#include "tests/support/catch.h"
#include "tests/support/gradcheck.h"

using namespace tern;

TEST_CASE("weight_layout: (O, I, KH, KW) to (O, KH, KW, I), element by element") {
  const Tensor oihw = test::random_tensor({3, 4, 2, 5}, 1);
  const Tensor ohwi = oihw_to_ohwi(oihw);
  REQUIRE(ohwi.shape() == tern::Shape{3, 2, 5, 4});
  std::int64_t wrong = 0;
  for (std::int64_t o = 0; o < 3; ++o)
    for (std::int64_t i = 0; i < 4; ++i)
      for (std::int64_t h = 0; h < 2; ++h)
        for (std::int64_t w = 0; w < 5; ++w)
          wrong += ohwi.data<float>()[((o * 2 + h) * 5 + w) * 4 + i] !=
                   oihw.data<float>()[((o * 4 + i) * 2 + h) * 5 + w];
  CHECK(wrong == 0);
}

TEST_CASE("weight_layout: there and back is the identity") {
  const Tensor oihw = test::random_tensor({2, 7, 3, 1}, 2);
  const Tensor back = ohwi_to_oihw(oihw_to_ohwi(oihw));
  CHECK(back.shape() == oihw.shape());
  CHECK(back.to_vector<float>() == oihw.to_vector<float>());
}

TEST_CASE("weight_layout: only f32 weights with four dimensions") {
  CHECK_THROWS_AS(oihw_to_ohwi(Tensor::zeros({3, 4})), ShapeError);
  CHECK_THROWS_AS(ohwi_to_oihw(Tensor::zeros({1, 1, 1, 1}, DType::i8)), ShapeError);
  CHECK_THROWS_AS(ohwi_to_oihw(Tensor()), ShapeError);
}
