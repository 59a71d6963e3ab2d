#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace tern {

/// The text of a header for C11 and C++11 that holds `model`, the bytes of a merged model's file, for
/// programs that carry their network in themselves. For the path "out/digits.h" it defines
///   static const unsigned char tern_digits[];   aligned to 64 bytes
///   tern_digits_size                            an integer constant
/// Letters, digits and '_' of the file's name stay, every other character becomes '_'.
std::string c_header(std::string_view model, const std::filesystem::path& path);

}  // namespace tern
