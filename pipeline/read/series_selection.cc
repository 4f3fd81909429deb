#include <algorithm>

#include "pipeline/read/dicom_study.h"
#include "pipeline/read/series_facts.h"
#include "pipeline/read/series_rules.h"
#include "pipeline/read/station_choice.h"

namespace dinsd {
namespace {

bool IsOtherModality(const DicomSeries& series) {
  return series.error && series.error->code() == "WRONG_MODALITY";
}

std::string Quoted(const std::string& text) {
  return std::string("\"").append(text).append("\"");
}

// Which volumes there are, for a person who has to name one.
std::string InWords(const std::vector<DicomSeries*>& volumes) {
  constexpr std::size_t kMost = 12;
  std::string text;
  for (std::size_t i = 0; i < std::min(volumes.size(), kMost); ++i) {
    text.append(i == 0 ? "" : ", ").append(volumes[i]->series_uid);
    if (!volumes[i]->part.empty()) text.append(" ").append(Quoted(volumes[i]->part));
  }
  if (volumes.size() > kMost) text.append(" and ").append(std::to_string(volumes.size() - kMost)).append(" more");
  return text;
}

class Chooser {
 public:
  Chooser(DicomStudy& study, const DicomReadOptions& options) : study_(study), options_(options) {}

  void ChooseWanted(const std::string& uid) {
    for (DicomSeries& series : study_.series) {
      series.reason = "not taken: another series was named";
      if (series.series_uid == uid) candidates_.push_back(&series);
    }
    if (candidates_.empty())
      return Fail("SERIES_NOT_FOUND", "the series that was named, " + uid + ", is not in the study");
    const std::size_t volumes = candidates_.size();
    const SeriesRule* rule = volumes > 1 ? KeepWhatTheFirstRuleMatches() : nullptr;
    const bool is_by_rule = candidates_.size() < volumes;
    if (options_.join_stations) {
      AddSisterStations(study_.series, candidates_, [&](const DicomSeries& series) { return MayBeAStation(series); });
    }
    Settle(is_by_rule ? "of the series that was named, rule " + Quoted(rule->name) + " takes it" : "it was named",
           "the series that was named");
  }

  void ChooseByRules() {
    std::vector<DicomSeries*> images;
    for (DicomSeries& series : study_.series) {
      candidates_.push_back(&series);
      if (!IsLocalizer(series.instances.front()) && !IsOtherModality(series)) images.push_back(&series);
    }
    if (const SeriesRule* rule = KeepWhatTheFirstRuleMatches())
      return Settle("rule " + Quoted(rule->name), "rule " + Quoted(rule->name));
    if (images.size() == 1 && options_.take_only_series) {
      candidates_ = images;
      return Settle("no rule matches, but it is the only image series of the study", "the only image series");
    }
    if (images.empty() && study_.series.size() == 1) {
      study_.choice_error = study_.series.front().error;
      if (study_.choice_error) return;
    }
    Fail(images.size() > 1 ? "SERIES_AMBIGUOUS" : "SERIES_NOT_FOUND",
         std::to_string(images.size()) + " image series or volumes, none of them matches a rule" +
             (images.empty() ? "" : ": " + InWords(images)));
  }

 private:
  void Fail(const char* code, const std::string& why) {
    study_.choice_error = InputError(code, "", "SeriesInstanceUID", why);
  }

  // What a rule wants and is not composed already.
  [[nodiscard]] bool MayBeAStation(const DicomSeries& series) const {
    return !IsComposed(series.instances.front()) &&
           std::any_of(options_.series_rules.begin(), options_.series_rules.end(),
                       [&](const SeriesRule& rule) { return WhyNotMatched(rule, series).empty(); });
  }

  // The rules are ordered: those of the candidates that the first of them matches stay, the others get their reason.
  // Null, and all stay, where no rule matches any.
  const SeriesRule* KeepWhatTheFirstRuleMatches() {
    const std::vector<SeriesRule>& rules = options_.series_rules;
    const auto matches = [](const SeriesRule& rule) {
      return [&rule](const DicomSeries* series) { return WhyNotMatched(rule, *series).empty(); };
    };
    const auto first = std::find_if(rules.begin(), rules.end(), [&](const SeriesRule& rule) {
      return std::any_of(candidates_.begin(), candidates_.end(), matches(rule));
    });
    const std::size_t tried = static_cast<std::size_t>(first - rules.begin()) + (first == rules.end() ? 0 : 1);
    for (DicomSeries* series : candidates_) series->reason = "not taken: " + WhyNoneMatched(rules, tried, *series);
    if (first == rules.end()) return nullptr;
    std::erase_if(candidates_, [&](const DicomSeries* series) { return !matches(*first)(series); });
    return &*first;
  }

  // Takes the one candidate without error. A broken one beside it is a doubt, unless it only was broken off early.
  void Settle(const std::string& because, const std::string& what) {
    std::vector<DicomSeries*> usable;
    const DicomSeries* broken = nullptr;
    for (DicomSeries* series : candidates_) {
      series->reason = series->error ? std::string("not taken: ") + series->error->what() : "not taken: several match";
      if (!series->error) usable.push_back(series);
      if (series->error && (broken == nullptr || broken->error->code() == "TOO_FEW_SLICES")) broken = series;
    }
    const bool is_doubtful = broken != nullptr && (usable.empty() || broken->error->code() != "TOO_FEW_SLICES");
    const DicomSeries* lost = options_.join_stations && !is_doubtful ? LostStation(candidates_) : nullptr;
    if (is_doubtful || lost != nullptr) {
      for (DicomSeries* series : usable) series->reason = "not taken: another that matches as well cannot be read";
      study_.choice_error = lost != nullptr ? lost->error : broken->error;
    } else if (options_.join_stations && MayBeStations(usable)) {
      study_.choice_error = TakeStations(usable, because, options_);
    } else if (usable.size() > 1) {
      Fail("SERIES_AMBIGUOUS", std::to_string(usable.size()) + " volumes match (" + what + "): " + InWords(usable) +
                                   "; name a series, or write a rule that matches one of them");
    } else {
      usable.front()->is_chosen = true;
      usable.front()->reason = "taken: " + because;
    }
  }

  DicomStudy& study_;
  const DicomReadOptions& options_;
  std::vector<DicomSeries*> candidates_;
};

}  // namespace

void ChooseSeries(DicomStudy& study, const std::string& wanted_series_uid, const DicomReadOptions& options) {
  study.choice_error.reset();
  for (DicomSeries& series : study.series) {
    series.is_chosen = false;
    series.sequence = SequenceOf(series.instances.front());
  }
  Chooser chooser(study, options);
  if (wanted_series_uid.empty()) {
    chooser.ChooseByRules();
  } else {
    chooser.ChooseWanted(wanted_series_uid);
  }
}

}  // namespace dinsd
