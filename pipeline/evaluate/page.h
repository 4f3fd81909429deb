#pragma once

#include <string>
#include <vector>

#include "pipeline/report/html.h"

namespace dinsd {

/// A whole page of an evaluation: title, what it is for, its style, `body`. No script, nothing loaded from elsewhere.
[[nodiscard]] std::string EvaluationPage(const std::string& title, const Html& body);

/// A table; every row has as many cells as there are headings. The first column names the row, the others are numbers.
[[nodiscard]] Html NumberTable(const std::vector<std::string>& headings,
                               const std::vector<std::vector<std::string>>& rows);

}  // namespace dinsd
