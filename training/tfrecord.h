// TensorFlow's record files: each record is its length (u64), the masked CRC-32C of that (u32), the data and
// their masked CRC-32C (u32), all little-endian.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tern {

/// The bytes of a record.
std::string tfrecord(std::string_view data);

/// Takes the first record off `bytes` and returns its data; nothing, and nothing taken, if there is no whole
/// record whose checksums hold.
std::optional<std::string_view> take_tfrecord(std::string_view& bytes);

}  // namespace tern
