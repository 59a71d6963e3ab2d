#include "tern/apps/config/class_weights.h"

#include "tern/core/error.h"
#include "tests/support/catch.h"

namespace tern {
namespace {

using Catch::Contains;

class ThreeImages final : public Dataset {
 public:
  std::int64_t size() const override { return 3; }
  const std::vector<std::string>& class_names() const override { return names_; }
  std::string name_of(std::int64_t) const override { return ""; }
  std::int64_t label_of(std::int64_t index) const override { return index == 0 ? 0 : 1; }
  Sample load(std::int64_t) const override { return {}; }

 private:
  std::vector<std::string> names_ = {"cat", "dog"};
};

std::vector<float> weights(const std::string& json) {
  TrainingSection training;
  training.class_weights.text = json;
  return class_weights(training, ThreeImages()).to_vector<float>();
}

TEST_CASE("class weights: none, balanced ones or those of named classes, 1 for the others") {
  CHECK_FALSE(class_weights(TrainingSection{}, ThreeImages()).defined());
  CHECK(weights(R"("balanced")") == std::vector<float>{1.5F, 0.75F});
  CHECK(weights(R"({"dog": 2.5})") == std::vector<float>{1, 2.5F});
}

TEST_CASE("class weights: what is no class or no weight is refused") {
  CHECK_THROWS_WITH(weights(R"("equal")"),
                    Contains("training.class_weights: expected \"balanced\" or an object"));
  CHECK_THROWS_WITH(weights(R"({"dig": 2})"), Contains("\"dig\" is no class") && Contains("mean \"dog\"?"));
  for (const char* bad : {R"({"dog": 0})", R"({"dog": -1})", R"({"dog": "2"})", R"({"dog": 1e39})"}) {
    CHECK_THROWS_WITH(weights(bad), Contains("\"dog\": expected a number above 0, got "));
  }
}

}  // namespace
}  // namespace tern
