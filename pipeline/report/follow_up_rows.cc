#include "pipeline/report/follow_up_rows.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "pipeline/followup/change_interval.h"
#include "pipeline/followup/prior_at_border.h"
#include "pipeline/report/method.h"

namespace dinsd {
namespace {

constexpr double kMostRatio = 3;  // of volumes, either way, that a person must look at

std::optional<int> Number(std::string_view digits) {
  int number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

std::optional<std::chrono::sys_days> DayOf(std::string_view date) {
  if (date.size() != 10 || date[4] != '-' || date[7] != '-') return std::nullopt;
  const std::optional<int> year = Number(date.substr(0, 4)), month = Number(date.substr(5, 2)),
                           day = Number(date.substr(8));
  if (!year || !month || !day || *month < 1 || *day < 1) return std::nullopt;
  const std::chrono::year_month_day ymd{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                        std::chrono::day(static_cast<unsigned>(*day))};
  if (!ymd.ok()) return std::nullopt;
  return std::chrono::sys_days(ymd);
}

// What is known of the prior's method; a result of another program version has only its weights.
bool IsOtherMethod(const StudyResult& result) {
  const FollowUp& prior = *result.follow_up;
  if (prior.weights_sha256 != result.weights_sha256) return true;
  if (prior.method.empty()) return false;
  return prior.method != MethodDigest(result.weights_sha256, OptionsDigest(result.options), ThisSoftware());
}

bool Has(const std::vector<std::string>& flags, std::string_view flag) {
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

// Why a part of the lesion may be missing from its volume then or now, so that nothing can be said of its change; empty
// where it lies inside of both images.
std::string WhyNotWhole(const FollowUpRow& row) {
  const std::vector<std::string>& then = row.followed->flags;
  const bool is_cut_now =
      row.today != nullptr && (Has(row.today->flags, "touches_border") || Has(then, "partly_imaged"));
  const bool was_cut = Has(then, kPriorTouchesBorder);
  if (!is_cut_now && !was_cut) return "";
  const char* where = is_cut_now && was_cut ? "of both images"
                      : is_cut_now          ? "of today's image"
                                            : "of the prior's image";
  return std::string("the lesion reaches the border ") + where +
         ", where a part of it may be missing, so the change has no interval";
}

std::optional<PercentInterval> IntervalOf(const StudyResult& result, const FollowUpRow& row) {
  if (row.today == nullptr || !row.today->interval || IsOtherMethod(result) || !WhyNotWhole(row).empty())
    return std::nullopt;
  const PriorLesion& prior = row.followed->prior;
  return IntervalOfChange(prior.volume_ml, row.today->volume_ml, prior.change_log_sd,
                          row.today->interval->change_log_sd);
}

std::string WhyNoInterval(const StudyResult& result, const FollowUpRow& row) {
  if (std::string why = WhyNotWhole(row); !why.empty()) return why;
  if (std::string why = MethodDifference(result); !why.empty()) return why + ", so the change has no interval";
  if (row.today == nullptr || !row.today->interval) {
    std::string why = "the change has no interval: today's volume has none";
    if (row.today != nullptr && !row.today->no_interval.empty())
      why.append(" (").append(row.today->no_interval).append(")");
    return why;
  }
  if (!row.today->interval->change_log_sd && result.manifest.interval) {
    return "the change has no interval: changes were calibrated on lesions that span " +
           std::to_string(result.manifest.interval->least_slices) + " slices or more";
  }
  return "the change has no interval: the prior's volume has none";
}

ChangeInput InputOf(const StudyResult& result, const FollowUpRow& row) {
  ChangeInput input;
  const PriorLesion& prior = row.followed->prior;
  input.reference = LesionVolume{prior.volume_ml, prior.slices_spanned};
  if (row.today != nullptr) {
    input.now = LesionVolume{row.today->volume_ml, row.today->slices_spanned};
  } else if (row.followed->is_imaged) {
    input.now = LesionVolume{};
  }
  input.days = DaysBetween(result.follow_up->study_date, result.study.identity.study_date);
  input.interval = row.interval;
  input.no_interval = WhyNoInterval(result, row);
  return input;
}

// Whether a person said that no click of the lesion is right, and set none instead.
bool IsRejected(const StudyResult& result, const std::string& id) {
  if (!result.review) return false;
  const std::vector<ReviewedLesion>& lesions = result.review->lesions;
  const auto lesion =
      std::find_if(lesions.begin(), lesions.end(), [&](const ReviewedLesion& reviewed) { return reviewed.id == id; });
  return lesion != lesions.end() && !lesion->clicks.empty() &&
         std::all_of(lesion->clicks.begin(), lesion->clicks.end(),
                     [](const ReviewedClick& click) { return click.decision == ClickDecision::kRejected; });
}

// Of a lesion that may go on outside of an image not even `stable` can be said.
void DoubtWhereCut(FollowUpRow& row) {
  const std::string why = WhyNotWhole(row);
  if (why.empty() || row.change.change != ChangeClass::kStable) return;
  row.change.change = ChangeClass::kUncertain;
  row.change.reason = why;
}

FollowUpRow RowOf(const StudyResult& result, const FollowedLesion& followed) {
  FollowUpRow row{.followed = &followed, .flags = followed.flags};
  const auto today = std::find_if(result.lesions.begin(), result.lesions.end(),
                                  [&](const LesionResult& lesion) { return lesion.id == followed.prior.id; });
  if (today != result.lesions.end()) row.today = &*today;
  row.interval = IntervalOf(result, row);
  row.change = ChangeOf(InputOf(result, row), {.measurable_slices = result.options.measurable_slices});
  DoubtWhereCut(row);
  const double before = followed.prior.volume_ml, now = row.today == nullptr ? 0 : row.today->volume_ml;
  if (before > 0 && now > 0 && (now > kMostRatio * before || before > kMostRatio * now))
    row.flags.emplace_back("volume_ratio");
  if (IsOtherMethod(result)) row.flags.emplace_back("model_mismatch");
  if (IsRejected(result, followed.prior.id))
    row.change.reason = "a person rejected every click that was proposed for it";
  return row;
}

}  // namespace

std::string MethodDifference(const StudyResult& result) {
  if (!result.follow_up || !IsOtherMethod(result)) return "";
  const FollowUp& prior = *result.follow_up;
  if (prior.method.starts_with(kImportedMethod)) return "the prior's outlines were made by others";
  std::vector<std::string> parts;
  if (prior.weights_sha256 != result.weights_sha256) parts.emplace_back("other weights");
  if (!prior.options_sha256.empty() && prior.options_sha256 != OptionsDigest(result.options))
    parts.emplace_back("other options");
  if (!prior.software.empty() && prior.software != ThisSoftware()) parts.emplace_back("another version of the program");
  if (parts.empty()) parts.emplace_back("other options or another version of the program");  // it does not say which
  std::string words = "the prior was measured with " + parts.front();
  for (std::size_t n = 1; n < parts.size(); ++n) words += (n + 1 < parts.size() ? ", " : " and ") + parts[n];
  return words;
}

std::optional<double> DaysBetween(const std::string& earlier, const std::string& later) {
  const std::optional<std::chrono::sys_days> from = DayOf(earlier), to = DayOf(later);
  if (!from || !to) return std::nullopt;
  return static_cast<double>((*to - *from).count());
}

std::vector<FollowUpRow> FollowUpRows(const StudyResult& result) {
  std::vector<FollowUpRow> rows;
  if (!result.follow_up) return rows;
  rows.reserve(result.follow_up->lesions.size());
  for (const FollowedLesion& lesion : result.follow_up->lesions) rows.push_back(RowOf(result, lesion));
  return rows;
}

std::optional<FollowUpRow> FollowUpRowOf(const StudyResult& result, std::size_t index) {
  if (!result.follow_up) return std::nullopt;
  const std::vector<FollowedLesion>& lesions = result.follow_up->lesions;
  const auto followed = std::find_if(lesions.begin(), lesions.end(), [&](const FollowedLesion& lesion) {
    return lesion.prior.id == result.lesions.at(index).id;
  });
  if (followed == lesions.end()) return std::nullopt;
  return RowOf(result, *followed);
}

}  // namespace dinsd
