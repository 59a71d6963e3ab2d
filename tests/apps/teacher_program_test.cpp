// tern-train with a teacher: a checkpoint of Tern, or a state dict from PyTorch.
#include "tern/core/safetensors.h"
#include "tests/apps/small_run.h"
#include "tests/support/catch.h"
#include "tests/support/pytorch_file.h"
#include "tests/support/temporary_directory.h"

namespace tern::test {
namespace {

namespace fs = std::filesystem;

const std::string kTeacherModel =
    R"({"family":"resnet","block":"basic","stem":"cifar","widths":[8,16],"depths":[1,1]})";

/// The checkpoint of a float network, trained for one epoch.
const fs::path& teacher() {
  static const fs::path checkpoint =
      trained_once("teacher", {"--set", "model=" + kTeacherModel, "--set", "training.epochs=1"}) /
      "last.safetensors";
  return checkpoint;
}

std::map<std::string, Tensor> teacher_state() {
  const SafetensorsFile file = SafetensorsFile::open(teacher());
  std::map<std::string, Tensor> state;
  for (const std::string& name : file.names()) state[name] = file.read(name);
  return state;
}

/// `state` as PyTorch would have saved it.
fs::path exported(const TemporaryDirectory& folder, const std::map<std::string, Tensor>& state) {
  write_like_pytorch(folder / "teacher.safetensors", {state.begin(), state.end()});
  return folder / "teacher.safetensors";
}

ProgramResult distil(const TemporaryDirectory& folder, const fs::path& file, const std::string& model = "") {
  return train(folder.path(),
               {"--set", "training.loss=distillation", "--set", "training.epochs=1", "--set",
                "training.teacher=" + file.string(), "--set", "training.teacher_model=" + model});
}

TEST_CASE("tern-train: a state dict from PyTorch teaches what the same network's checkpoint teaches") {
  const TemporaryDirectory from_tern, from_pytorch, from_labels;
  require_success(distil(from_tern, teacher()));
  require_success(distil(from_pytorch, exported(from_pytorch, teacher_state()), kTeacherModel));
  require_success(train(from_labels.path(), {"--set", "training.epochs=1"}));
  const auto student = tensor_bytes(from_tern / "run/last.safetensors");
  CHECK(student == tensor_bytes(from_pytorch / "run/last.safetensors"));
  CHECK(student != tensor_bytes(from_labels / "run/last.safetensors"));
}

TEST_CASE("tern-train: a state dict without training.teacher_model is refused with that hint") {
  const TemporaryDirectory folder;
  check_refused(distil(folder, exported(folder, teacher_state())),
                {"teacher.safetensors", "metadata \"format\" is \"pt\"", "training.teacher_model"});
  CHECK_FALSE(fs::exists(folder / "run"));
}

TEST_CASE("tern-train: a state dict that does not fit training.teacher_model is refused with what differs") {
  const TemporaryDirectory folder;
  auto state = teacher_state();
  check_refused(distil(folder, exported(folder, state), "cifar_resnet20"),
                {"teacher.safetensors", "missing (", "layer1.1.conv1.weight"});
  check_refused(distil(folder, exported(folder, state), "resnet5"),
                {"training.teacher_model", "\"resnet5\""});
  state.erase("bn1.bias");
  check_refused(distil(folder, exported(folder, state), kTeacherModel), {"missing (1): bn1.bias"});
  CHECK_FALSE(fs::exists(folder / "run"));
}

TEST_CASE("tern-train: a teacher that knows other classes is refused before the first step") {
  const TemporaryDirectory folder;
  auto state = teacher_state();
  state["fc.weight"] = Tensor::zeros({4, 16});
  state["fc.bias"] = Tensor::zeros({4});
  std::string model = kTeacherModel;
  model.insert(model.size() - 1, R"(,"classes":4)");
  check_refused(distil(folder, exported(folder, state), model), {"knows 4 classes", "has 10"});
  CHECK_FALSE(fs::exists(folder / "run"));
}

}  // namespace
}  // namespace tern::test
