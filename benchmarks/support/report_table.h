// The report as text.
#pragma once

#include <string>

#include "tern/benchmarks/support/run_case.h"

namespace tern::bench {

/// "copy 10.2 GB/s, fp32 FMA 58 GMAC/s, ..."
std::string peaks_line(const Peaks& peaks);

std::string table_header();
/// A line of the table; where the result is wrong, what is, and where there is none, why.
std::string table_line(const Row& row);

}  // namespace tern::bench
