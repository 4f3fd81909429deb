#include "daemon/service/required_series.h"

#include <algorithm>
#include <vector>

#include "pipeline/read/json_schema.h"
#include "pipeline/read/word_pattern.h"

namespace dinsd {
namespace {

constexpr std::size_t kLongestDescription = 256;  // DICOM allows 64

bool HasSeries(const std::vector<StudyImage>& images, const std::string& pattern) {
  return std::any_of(images.begin(), images.end(), [&](const StudyImage& image) {
    const bool matches = image.description.size() <= kLongestDescription && MatchesWord(pattern, image.description);
    return matches || HasSeries(image.stations, pattern);
  });
}

}  // namespace

void AwaitRequiredSeries(const Settings& settings, const std::string& source, ReaderAnswer& answer) {
  const auto watch = std::find_if(settings.watches.begin(), settings.watches.end(),
                                  [&](const WatchSettings& candidate) { return candidate.name == source; });
  const bool needs_a_person = answer.problem && answer.problem->verdict == InputVerdict::kQuarantined;
  if (watch == settings.watches.end() || !answer.study || needs_a_person) return;
  for (const std::string& pattern : watch->required_series) {
    if (HasSeries(answer.study->images, pattern)) continue;
    answer.problem = Problem{kRequiredSeries, answer.study->name, "SeriesDescription",
                             "no series has come whose description matches " + QuotedForMessage(pattern)};
    return;
  }
}

}  // namespace dinsd
