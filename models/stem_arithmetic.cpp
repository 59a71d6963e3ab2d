#include "tern/models/stem_arithmetic.h"

#include "tern/core/error.h"
#include "tern/core/quote.h"

namespace tern {
namespace {

constexpr const char* kKey = "stem";

}  // namespace

const char* to_string(StemArithmetic stem) {
  return stem == StemArithmetic::int16 ? "int16" : "float";
}

StemArithmetic read_stem_arithmetic(const Metadata& metadata, const std::string& path) {
  const auto found = metadata.find(kKey);
  if (found == metadata.end()) return StemArithmetic::floats;
  for (const StemArithmetic stem : {StemArithmetic::floats, StemArithmetic::int16}) {
    if (found->second == to_string(stem)) return stem;
  }
  throw DataError(
      fmt::format("{}: metadata \"stem\" is {}, expected float or int16; written by a newer version of Tern?",
                  path, quote(found->second)));
}

void set_stem_arithmetic(Metadata& metadata, StemArithmetic stem) {
  metadata.erase(kKey);
  if (stem != StemArithmetic::floats) metadata[kKey] = to_string(stem);
}

}  // namespace tern
