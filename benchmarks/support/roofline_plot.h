#pragma once

#include <string>
#include <vector>

#include "tern/benchmarks/support/run_case.h"

namespace tern::bench {

/// An SVG file: GMAC/s of the verified rows over their MAC per byte, both logarithmic, below the slope of the
/// copy's bandwidth and the levels of the arithmetic peaks (Williams et al., "Roofline", CACM 2009). A colour
/// per implementation; pointing at a dot names its case. Rows without multiplications are left out.
std::string roofline_svg(const std::vector<Row>& rows, const Peaks& peaks);

}  // namespace tern::bench
