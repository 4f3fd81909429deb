#include <algorithm>
#include <cmath>

#include "pipeline/report/follow_up_rows.h"
#include "pipeline/report/html_sections.h"
#include "pipeline/report/report_facts.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

std::string Signed(double value, int decimals) {
  return (value >= 0 ? "+" : "\xE2\x88\x92") + FixedDigits(std::abs(value), decimals);
}

std::string SignedPercent(double percent) {
  return Signed(percent, PercentDecimals(percent));
}

std::string ChangeWords(const VolumeChange& change) {
  if (!change.ml) return "";
  std::string words = Signed(*change.ml, 2) + " mL";
  if (change.percent) words += " (" + SignedPercent(*change.percent) + " %)";
  return words;
}

// "+12 to +48 %"
std::string IntervalWords(const std::optional<PercentInterval>& interval) {
  if (!interval) return "";
  return SignedPercent(interval->low) + " to " + SignedPercent(interval->high) + " %";
}

// The least that the two images are alike round one of the lesion's clicks.
std::string LeastSimilarity(const FollowedLesion& lesion) {
  if (lesion.clicks.empty()) return "";
  double least = 1;
  for (const ProposedClick& click : lesion.clicks) {
    if (!click.similarity) return "not known";
    least = std::min(least, *click.similarity);
  }
  return FixedDigits(least, 2);
}

// What a person made of a lesion's clicks.
std::string DecisionsOn(const FollowUpRow& row, const ReviewRecord& review) {
  const auto lesion = std::find_if(review.lesions.begin(), review.lesions.end(), [&](const ReviewedLesion& reviewed) {
    return reviewed.id == row.followed->prior.id;
  });
  return lesion == review.lesions.end() ? "no click proposed" : InWords(*lesion);
}

Html Reviewed(const StudyResult& result) {
  Html html;
  if (!result.review) {
    html << "No person has looked at them: each change below is a hint where to look, not a finding, and lesions that "
            "are "
            "new today are not among them.";
    return html;
  }
  const ReviewRecord& review = *result.review;
  html << Text{review.who} << " looked at every one of them (revision " << Text{std::to_string(review.revision)}
       << ") on " << Text{review.when.substr(0, 10)} << ": " << Text{InWords(review)} << ".";
  if (!review.remark.empty()) html << " Remark: " << Text{review.remark};
  return html;
}

Html ReviewedHead(const StudyResult& result) {
  Html html;
  if (result.review) html << "<th scope=\"col\">Reviewed</th>";
  return html;
}

Html Row(const FollowUpRow& row, const std::optional<ReviewRecord>& review) {
  Html html;
  html << "<tr><th scope=\"row\">" << Text{row.followed->prior.id} << "</th>";
  if (review) html << "<td data-name=\"Reviewed\">" << Text{DecisionsOn(row, *review)} << "</td>";
  html << "<td class=\"number\" data-name=\"Prior, mL\">" << Text{VolumeDigits(row.followed->prior.volume_ml)}
       << "</td><td class=\"number\" data-name=\"Now, mL\">"
       << Text{row.today == nullptr ? "" : VolumeDigits(row.today->volume_ml)}
       << "</td><td class=\"number\" data-name=\"Change\">" << Text{ChangeWords(row.change)}
       << "</td><td class=\"number\" data-name=\"95 % interval\">" << Text{IntervalWords(row.interval)}
       << "</td><td data-name=\"Class\">" << Text{Word(row.change.change)}
       << "</td><td class=\"number\" data-name=\"Alike\">" << Text{LeastSimilarity(*row.followed)}
       << "</td><td class=\"remarks\">";
  for (const std::string& flag : row.flags)
    html << "<span class=\"flag\">" << Text{MeaningOf(flag).title} << "</span> ";
  if (!row.change.reason.empty()) html << "<span class=\"note\">" << Text{row.change.reason} << "</span>";
  html << "</td></tr>\n";
  return html;
}

Html MeasuredAgain(const FollowUp& prior) {
  Html html;
  if (prior.proposed_from)
    html << "That study was revised since: the volumes then are those of its revision "
         << Text{std::to_string(prior.revision)} << ". ";
  return html;
}

Html Registered(const RegistrationSummary& registration) {
  Html html;
  html << "<p>Registration took the correlation of the two bodies from "
       << Text{FixedDigits(registration.correlation_before, 2)} << " to "
       << Text{FixedDigits(registration.correlation_after, 2)} << ".";
  for (const std::string& flag : registration.flags)
    html << " <span class=\"flag\">" << Text{MeaningOf(flag).title} << "</span>";
  html << "</p>\n";
  for (const std::string& finding : registration.findings)
    html << "<p class=\"alert\"><strong>Look at it.</strong> " << Text{finding} << "</p>\n";
  return html;
}

Html MeasuredOtherwise(const StudyResult& result) {
  Html html;
  std::string words = MethodDifference(result);
  if (words.empty()) return html;
  words.front() = 'T';
  html << "<p class=\"alert\"><strong>Measured otherwise.</strong> " << Text{words}
       << ": a part of each change may come from that, and none has an interval.</p>\n";
  return html;
}

}  // namespace

Html FollowUpSection(const StudyResult& result) {
  Html html;
  if (!result.follow_up) return html;
  const FollowUp& prior = *result.follow_up;
  html << "<section>\n<h2>Followed from the study of " << Text{prior.study_date} << "</h2>\n<p>"
       << (result.prompts.file.empty() || result.review
               ? Markup("This study came without clicks.")
               : Markup("The clicks name lesions by their place in an earlier study."))
       << " They were proposed inside the lesions of job " << Text{std::to_string(prior.job)} << ", revision "
       << Text{std::to_string(prior.proposed_from.value_or(prior.revision))} << ", as they lie in today's images. "
       << MeasuredAgain(prior) << Reviewed(result) << "</p>\n"
       << Registered(prior.registration) << MeasuredOtherwise(result)
       << "<table>\n<thead><tr><th scope=\"col\">Lesion</th>" << ReviewedHead(result)
       << "<th scope=\"col\" class=\"number\">Prior, mL</th><th "
          "scope=\"col\" class=\"number\">Now, mL</th><th scope=\"col\" class=\"number\">Change</th><th "
          "scope=\"col\" class=\"number\">95 % interval</th><th scope=\"col\">Class</th><th scope=\"col\" "
          "class=\"number\">Alike</th><th "
          "scope=\"col\">Remarks</th></tr></thead>\n<tbody>\n";
  for (const FollowUpRow& row : FollowUpRows(result)) html << Row(row, result.review);
  html << "</tbody>\n</table>\n<p>Alike: the least correlation of the two images within 30 mm of one of the lesion's "
          "clicks. 95 % interval: of the change, with the errors of both timepoints in it; a change counts as increase "
          "or "
          "decrease only from 20 % on and where this interval excludes 0. stable: by less, as measured; a "
          "remark says where that is not sure.</p>\n</section>\n";
  return html;
}

}  // namespace dinsd
