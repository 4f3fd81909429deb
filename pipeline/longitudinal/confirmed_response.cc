#include "pipeline/longitudinal/confirmed_response.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace dinsd {
namespace {

bool IsDecrease(const CellVerdict& cell) {
  return cell.baseline && cell.baseline->change.change == ChangeClass::kDecrease;
}

}  // namespace

std::string MonthsLater(const std::string& date, int months) {
  int year = 0;
  unsigned month = 0, day = 0;
  if (std::sscanf(date.c_str(), "%4d-%2u-%2u", &year, &month, &day) != 3) return "";
  using namespace std::chrono;
  year_month_day later = year_month_day{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)} +
                         std::chrono::months(months);
  if (!later.ok()) later = later.year() / later.month() / last;
  std::array<char, 16> text{};
  (void)std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(later.year()),
                      static_cast<unsigned>(later.month()), static_cast<unsigned>(later.day()));
  return text.data();
}

void ConfirmResponses(const std::vector<PatientTimepoint>& timepoints, int months, std::vector<CellVerdict>& cells) {
  std::string begin, confirmed;
  for (std::size_t t = 0; t < cells.size(); ++t) {
    if (!timepoints[t].is_final) continue;
    const std::string& date = timepoints[t].study_date;
    if (!IsDecrease(cells[t])) {
      begin.clear();
      confirmed.clear();
      continue;
    }
    if (begin.empty()) begin = date;
    if (confirmed.empty() && date >= MonthsLater(begin, months)) confirmed = date;
    cells[t].confirmed_on = confirmed;
  }
}

}  // namespace dinsd
