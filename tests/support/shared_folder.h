// What takes long to make and many test processes read: a data set, a trained network.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace tern::test {

/// The folder `name`, made by the first process that asks for it: `make` gets the empty folder, whose path is
/// the final one. It lies in $TERN_TEST_FOLDER, which ctest clears before the first case
/// (tests/CMakeLists.txt), or without that in a folder of this process. Not to be changed by those who read
/// it.
std::filesystem::path shared_folder(const std::string& name,
                                    const std::function<void(const std::filesystem::path&)>& make);

}  // namespace tern::test
