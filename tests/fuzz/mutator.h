#pragma once

#include <cstddef>
#include <cstdint>

/// For the targets: a file that the loader took. A quarter of the mutations start from one of the last such
/// files; most of what libFuzzer keeps is refused early, and so is what comes of it.
void remember_good_file(const std::uint8_t* data, std::size_t size);
