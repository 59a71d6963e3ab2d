// A small data set and training runs on it, for the tests that drive the programs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tern/core/tensor.h"
#include "tests/support/run_program.h"

namespace tern::test {

constexpr int kTrainingImages = 200;
constexpr int kTestImages = 60;
constexpr int kImageSize = 16;  // height and width
constexpr int kBatchSize = 8;
constexpr int kStepsPerEpoch = kTrainingImages / kBatchSize;

/// Generated digits, half as large as tern-data makes them, train/ and test/; made once
/// (tests/support/shared_folder.h), not to be changed.
const std::filesystem::path& digits();

/// The configuration of the smallest network with a down-sampling block, for two epochs of digits() and the
/// output folder "run". JSON text.
std::string small_config();

/// Trains as small_config() says, as changed by `arguments` ("--set", "seed=2"), with `directory` as the
/// working directory: two runs in different folders have the same configuration to the letter.
ProgramResult train(const std::filesystem::path& directory, const std::vector<std::string>& arguments = {},
                    ProgramOptions options = {});

/// For train(): sends `signal` when the log of the run in `folder` has `steps` lines.
ProgramOptions signal_after(int signal, std::size_t steps, const std::filesystem::path& folder);

/// Paths of the first `count` images of the test set.
std::vector<std::string> some_digits(int count);

/// Merges `checkpoint` into the file `merged`, which it returns.
std::filesystem::path merge_into(const std::filesystem::path& merged,
                                 const std::filesystem::path& checkpoint);

/// The output folder of an undisturbed train(..., arguments); made once, under this name.
std::filesystem::path trained_once(const std::string& name, const std::vector<std::string>& arguments);

/// `checkpoint` merged; made once, under this name.
std::filesystem::path merged_once(const std::string& name, const std::filesystem::path& checkpoint);

/// trained_once() without arguments.
const std::filesystem::path& finished_run();

/// What `tern-evaluate --json` says of `model` on the test images.
nlohmann::json evaluate(const std::filesystem::path& model, const std::vector<std::string>& arguments = {});

/// Checks that tern-evaluate counts the same for `checkpoint` and, by the layers and by the engine, for
/// `merged`.
void check_evaluated_alike(const std::filesystem::path& checkpoint, const std::filesystem::path& merged);

/// Checks that tern-predict and the engine's library see the same class in a picture, with the same logit.
void check_classified_alike(const std::filesystem::path& merged);

/// A file's tensors as shape and bytes, without its metadata.
std::map<std::string, std::string> tensor_bytes(const std::filesystem::path& path);

/// A copy of the checkpoint `from` whose metadata `key` is `value`, with a checksum that holds.
void rewrite_metadata(const std::filesystem::path& from, const std::filesystem::path& to,
                      const std::string& key, const std::string& value);

/// The same with another tensor in place of `name`.
void rewrite_tensor(const std::filesystem::path& from, const std::filesystem::path& to,
                    const std::string& name, const Tensor& tensor);

/// The lines of a text file; none if there is no file.
std::vector<std::string> lines_of(const std::filesystem::path& path);

/// The cells of a line of metrics.csv.
std::vector<std::string> split_at_commas(const std::string& line);

/// The lines of metrics.csv in a run's folder without the columns that measure time.
std::vector<std::string> metrics_without_times(const std::filesystem::path& run);

/// Checks that models, configuration and metrics of a run are those of another to the byte, but for times.
void check_same_as_undisturbed(const std::filesystem::path& run, const std::filesystem::path& undisturbed);

/// Checks that a program refused: exit code 1 and an error message that contains all of `pieces`.
void check_refused(const ProgramResult& result, const std::vector<std::string>& pieces);

/// Checks that it succeeded.
void require_success(const ProgramResult& result);

}  // namespace tern::test
