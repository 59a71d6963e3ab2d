#include "tern/apps/report/predictions.h"

#include <cmath>

#include "tests/support/catch.h"

namespace tern {
namespace {

class TwoImages final : public Dataset {
 public:
  std::int64_t size() const override { return 2; }
  const std::vector<std::string>& class_names() const override { return names_; }
  std::string name_of(std::int64_t index) const override { return index == 0 ? "a, \"b\".jpg" : "c.png"; }
  std::int64_t label_of(std::int64_t index) const override { return index; }
  Sample load(std::int64_t) const override { return {}; }

 private:
  std::vector<std::string> names_ = {"cat", "dog\n"};
};

TEST_CASE("predictions: a row for each image, quoted as RFC 4180 asks, once") {
  const float third = std::log(3.0F);  // softmax(0, log 3) = (1/4, 3/4)
  CHECK(predictions_csv(TwoImages(), {0, 1, 1}, {0, third, third, 0, third, 0}) ==
        "path,label,prediction,probability\n"
        "\"a, \"\"b\"\".jpg\",cat,\"dog\n\",0.75\n"
        "c.png,\"dog\n\",cat,0.75\n");
}

TEST_CASE("predictions: of equal logits the first class, and large ones do not overflow") {
  const float logits[] = {1000, 1000, -1000};
  CHECK(top_prediction(logits, 3).index == 0);
  CHECK(top_prediction(logits, 3).probability == 0.5);
}

}  // namespace
}  // namespace tern
