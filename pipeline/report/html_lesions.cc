#include <set>

#include "pipeline/report/html_sections.h"
#include "pipeline/report/pictures.h"
#include "pipeline/report/report_facts.h"

namespace dinsd {
namespace {

// "Thigh, left; plexiform; internal", of what the prompts say.
std::string SiteWords(const PromptLesion* prompts) {
  if (prompts == nullptr) return "";
  std::string words = prompts->site ? prompts->site->meaning : "";
  const auto add = [&words](const std::string& word, const char* separator) {
    if (!word.empty() && word != "unspecified") words += (words.empty() ? "" : separator) + word;
  };
  add(LateralityWord(prompts->laterality), ", ");
  add(prompts->type, "; ");
  add(prompts->depth, "; ");
  return words;
}

Html Remarks(const StudyResult& result, std::size_t index) {
  Html html;
  for (const std::string& flag : FlagsOf(result, index)) {
    html << "<span class=\"flag\">" << Text{MeaningOf(flag).title} << "</span> ";
  }
  for (const std::string& warning : result.lesions[index].warnings)
    html << "<span class=\"note\">" << Text{warning} << "</span> ";
  return html;
}

std::string IntervalWords(const LesionResult& lesion) {
  if (!lesion.interval) return "";
  return VolumeDigits(lesion.interval->low_ml) + " to " + VolumeDigits(lesion.interval->high_ml);
}

Html Row(const StudyResult& result, std::size_t index) {
  const LesionResult& lesion = result.lesions[index];
  const std::string site = SiteWords(PromptsOf(result, index));
  Html html;
  html << "<tr><td class=\"number\">" << Text{std::to_string(lesion.label)} << "</td><th scope=\"row\">"
       << Text{lesion.id} << "</th><td class=\"number volume\" "
       << "data-name=\"Volume, mL\">" << Text{VolumeDigits(lesion.volume_ml)} << "</td><td class=\"number interval\">"
       << Text{IntervalWords(lesion)} << "</td><td class=\"number slices\">"
       << Text{std::to_string(lesion.slices_spanned)} << "</td><td class=\"site\">";
  if (site.empty()) {
    html << "<span class=\"none\">not given</span>";
  } else {
    html << Text{site};
  }
  html << "</td><td class=\"clicks\">"
       << Text{std::to_string(lesion.clicks_positive) + " + / " + std::to_string(lesion.clicks_negative) +
               " \xE2\x88\x92"}
       << "</td><td class=\"remarks\">" << Remarks(result, index) << "</td></tr>\n";
  return html;
}

Html RemarkMeanings(const StudyResult& result) {
  std::set<std::string> flags;
  for (std::size_t i = 0; i < result.lesions.size(); ++i) {
    for (const std::string& flag : FlagsOf(result, i)) flags.insert(flag);
  }
  Html html;
  for (const std::string& flag : flags) {
    const FlagMeaning meaning = MeaningOf(flag);
    if (meaning.meaning.empty()) continue;
    html << "<div><dt><span class=\"flag\">" << Text{meaning.title} << "</span></dt><dd>" << Text{meaning.meaning}
         << "</dd></div>\n";
  }
  return html;
}

Html StripHeading(const StudyResult& result, std::size_t index) {
  const LesionResult& lesion = result.lesions[index];
  Html html;
  html << "<h3><span class=\"count\">" << Text{std::to_string(lesion.label)} << "</span> " << Text{lesion.id}
       << " \xC2\xB7 <span class=\"volume\">" << Text{VolumeDigits(lesion.volume_ml)} << " mL</span> "
       << Remarks(result, index) << "</h3>\n";
  return html;
}

}  // namespace

Html LesionTableSection(const StudyResult& result) {
  Html html;
  html << "<section>\n<h2>Lesions</h2>\n";
  if (result.lesions.empty()) {
    html << "<p>The prompts mark no lesion.</p>\n</section>\n";
    return html;
  }
  html << "<table>\n<thead><tr><th scope=\"col\" class=\"number\">No.</th><th scope=\"col\">Lesion</th><th "
          "scope=\"col\" "
       << "class=\"number\">Volume, mL</th><th scope=\"col\" class=\"number\">90 % interval</th><th scope=\"col\" "
          "class=\"number\">Slices</th><th scope=\"col\">Site and type"
       << "</th><th scope=\"col\">Clicks</th><th scope=\"col\">Remarks</th></tr></thead>\n<tbody>\n";
  for (std::size_t i = 0; i < result.lesions.size(); ++i) html << Row(result, i);
  html
      << "</tbody>\n</table>\n<p class=\"legend\">No. is the lesion's value in mask.nii.gz. Volume is the number of "
         "its "
      << "voxels times the volume of a voxel, from centre-to-centre spacing; 1 mL = 1 cm\xC2\xB3. Slices is its extent "
      << "along the slice axis. 90 % interval, mL: see &ldquo;How sure one may be&rdquo;; where there is none, the "
         "reason "
         "stands there too.</p>\n";
  const Html meanings = RemarkMeanings(result);
  if (!meanings.empty()) html << "<dl class=\"meanings\">\n" << meanings << "</dl>\n";
  html << "</section>\n";
  return html;
}

Html LesionPicturesSection(const StudyResult& result) {
  Html html;
  if (!HasPictures(result) || result.lesions.empty()) return html;
  const LesionStrips drawn = DrawLesionStrips(result);
  html << "<section class=\"strips\">\n<h2>Slices of each lesion</h2>\n<p class=\"legend\">Coloured line: the lesion. "
       << "Thin white line: other lesions. Dashed white line: seen, but reached by no click. Circle: positive click "
       << "(dashed: proposed, not verified). Cross: negative click. The grey scale is set for each lesion from what is "
          "around it. Slices are counted from 1 in the file's "
          "order.";
  if (result.follow_up) html << " Dotted white line: where the prior's lesion lies today, as registration has it.";
  html << "</p>\n";
  if (drawn.left_out > 0) {
    html << "<p class=\"legend\"><strong>Pictures of " << Text{std::to_string(drawn.strips.size())} << " of "
         << Text{std::to_string(result.lesions.size())}
         << " lesions:</strong> those with remarks first, then the largest. "
         << "The other " << Text{std::to_string(drawn.left_out)}
         << " are left out to keep this page small; mask.nii.gz "
         << "holds them all.</p>\n";
  }
  for (const LesionStrip& strip : drawn.strips) {
    html << "<article>\n"
         << StripHeading(result, strip.lesion) << "<div class=\"strip\">" << strip.pictures << "</div>\n</article>\n";
  }
  html << "</section>\n";
  return html;
}

}  // namespace dinsd
