#include "tern/core/nearest_name.h"

#include "tests/support/catch.h"

using tern::nearest_name;

TEST_CASE("nearest_name: finds one edit of each kind") {
  const std::vector<std::string> names{"momentum", "epochs", "learning_rate"};
  CHECK(nearest_name("epoch", names) == "epochs");       // a letter left out
  CHECK(nearest_name("epochss", names) == "epochs");     // one too many
  CHECK(nearest_name("momemtum", names) == "momentum");  // a wrong one
  CHECK(nearest_name("epcohs", names) == "epochs");      // two swapped
  CHECK(nearest_name("learningrate", names) == "learning_rate");
}

TEST_CASE("nearest_name: a transposition costs one edit, so that it wins over two substitutions") {
  CHECK(nearest_name("abdc", {"abxy", "abcd"}) == "abcd");
}

TEST_CASE("nearest_name: the nearest wins, the first of several equally near") {
  CHECK(nearest_name("conv1_1", {"conv2_2", "conv1_2", "conv2_1"}) == "conv1_2");
  CHECK(nearest_name("weight", {"weight"}) == "weight");
}

TEST_CASE("nearest_name: nothing near gives an empty name") {
  CHECK(nearest_name("momentum", {"epochs", "batch"}).empty());
  CHECK(nearest_name("lr", {"bs"}).empty());
  CHECK(nearest_name("a", {"b"}).empty());
  CHECK(nearest_name("", {"b", "abc"}).empty());
  CHECK(nearest_name("momentum", {}).empty());
}
