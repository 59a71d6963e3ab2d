// This report against an earlier one.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace tern::bench {

/// The report in the file. Throws DataError naming the path and what is wrong with it.
nlohmann::ordered_json read_report(const std::string& path);

/// Text: the commits of both; for each row of `now` that has its like in `before` (same case, implementation,
/// shape, batch, threads and device) the ratio of the medians, and "SLOWER" or "faster" where the quartiles
/// lie apart; then how many are slower, and which rows only one of them has.
std::string compare_reports(const nlohmann::ordered_json& now, const nlohmann::ordered_json& before);

}  // namespace tern::bench
