#include <algorithm>
#include <vector>

#include "pipeline/interval/how_sure.h"
#include "pipeline/report/html_sections.h"

namespace dinsd {
namespace {

Html WhatTheIntervalIs(const StudyResult& result) {
  Html html;
  html
      << "<li><strong>The 90 % interval.</strong> The study was run again "
      << Text{std::to_string(result.options.interval.runs)}
      << " times with clicks that a person could as well have set and with the image moved and mirrored. How far the "
         "volume moved, how far the place of the voxels alone moves it, and how far volumes of these weights were off "
         "where the truth is known ("
      << Text{result.manifest.interval->fitted_on}
      << ") make the interval: of ten lesions like those, it held the true volume of nine. It says nothing of a lesion "
         "that was clicked in the wrong place, of tumour outside of the image, or of images unlike those.</li>\n";
  return html;
}

// The middle one of the standard deviations in the re-runs, as a percentage of the volume.
std::string MiddleSpread(const StudyResult& result) {
  std::vector<double> spreads;
  for (const LesionResult& lesion : result.lesions) {
    if (lesion.spread) spreads.push_back(lesion.spread->run_log_sd);
  }
  if (spreads.empty()) return "";
  const auto middle = spreads.begin() + static_cast<std::ptrdiff_t>(spreads.size() / 2);
  std::nth_element(spreads.begin(), middle, spreads.end());
  return FixedDigits(100 * *middle, 0);
}

}  // namespace

Html IntervalItem(const StudyResult& result) {
  const std::string why = WhyNoInterval(result);
  if (why.empty()) return WhatTheIntervalIs(result);
  Html html;
  html << "<li><strong>No interval.</strong> How far a volume may be off is not told: " << Text{why} << ".";
  const std::string spread = MiddleSpread(result);
  if (!spread.empty()) {
    html
        << " With other clicks and a moved, mirrored image the volumes moved by " << Text{spread}
        << " % (standard deviation in the re-runs, the middle one of the lesions): that is what a volume hangs on, not "
           "how far it is from the truth.";
  }
  html << "</li>\n";
  return html;
}

std::string RerunWords(const IntervalOptions& options) {
  if (options.runs == 0) return "";
  const RunVariation& v = options.variation;
  std::string words = std::to_string(options.runs) + ", seed " + std::to_string(options.seed);
  words.append("; clicks moved by up to ").append(ExactDigits(v.jitter_mm)).append(" mm");
  words.append(", left out with chance ").append(ExactDigits(v.drop));
  words.append(", set anew with chance ").append(ExactDigits(v.exchange));
  words.append("; the image moved by up to ").append(ExactDigits(v.shift)).append(" pixels");
  words.append(v.flips ? ", mirrored" : ", not mirrored");
  return words;
}

}  // namespace dinsd
