#include "tern/core/shape.h"

#include "tern/core/error.h"
#include "tests/support/catch.h"

using tern::Shape;
using tern::ShapeError;

TEST_CASE("shape: extents, rank and number of elements") {
  const Shape shape{2, 3, 4};
  CHECK(shape.rank() == 3);
  CHECK(shape[0] == 2);
  CHECK(shape[-1] == 4);
  CHECK(shape.numel() == 24);
  CHECK(Shape{}.numel() == 1);
  CHECK(Shape{0, 5}.numel() == 0);
  CHECK(to_string(shape) == "(2, 3, 4)");
  CHECK(to_string(Shape{7}) == "(7,)");
}

TEST_CASE("shape: bad extents are refused") {
  CHECK_THROWS_AS(Shape({2, -1}), ShapeError);
  CHECK_THROWS_AS(Shape({1, 1, 1, 1, 1, 1, 1}), ShapeError);
  CHECK_THROWS_AS(Shape({std::int64_t{1} << 40, std::int64_t{1} << 40}), ShapeError);
  CHECK_THROWS_AS((Shape{2, 3}[2]), ShapeError);
  CHECK_THROWS_AS((Shape{2, 3}[-3]), ShapeError);
}
