#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <string_view>

#include "pipeline/read/dicom_geometry.h"
#include "pipeline/read/dicom_study.h"
#include "pipeline/read/station_choice.h"

namespace dinsd {
namespace {

constexpr double kCoronalCosine = 0.8;

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

template <typename Words>
bool HoldsAny(const std::string& text, const Words& words) {
  return std::any_of(words.begin(), words.end(), [&](const char* w) { return text.find(w) != std::string::npos; });
}

std::string NamesOf(const DicomInstance& first) {
  return Lower(first.series_description + " " + first.protocol);
}

bool HasImageType(const DicomInstance& first, std::string_view word) {
  return std::any_of(first.image_type.begin(), first.image_type.end(),
                     [&](const std::string& value) { return value.find(word) != std::string::npos; });
}

bool IsComposed(const DicomInstance& first) {
  return HasImageType(first, "COMPOSED") || HoldsAny(NamesOf(first), std::array{"compos", "stitch"});
}

bool IsLocalizer(const DicomInstance& first) {
  return HasImageType(first, "LOCALIZER") ||
         HoldsAny(NamesOf(first), std::array{"localizer", "localiser", "scout", "survey"});
}

// Made from another series: reformatted, projected, subtracted; its voxels were not measured there.
bool IsReformatted(const DicomInstance& first) {
  const bool is_derived = HasImageType(first, "DERIVED") && HasImageType(first, "SECONDARY");
  return !IsComposed(first) && (is_derived || HasImageType(first, "MPR") || HasImageType(first, "PROJECTION"));
}

bool IsCoronal(const DicomInstance& first) {
  return first.orientation && std::abs(AxesOf(first).normal[1]) > kCoronalCosine;
}

bool IsDiffusion(const DicomInstance& first) {
  return HasImageType(first, "DIFFUSION") || HasImageType(first, "ADC") ||
         HoldsAny(NamesOf(first), std::array{"diff", "dwi", "adc"});
}

// STIR by name, or an inversion recovery whose inversion time nulls fat.
bool IsStir(const DicomInstance& first) {
  if (HoldsAny(NamesOf(first), std::array{"stir", "tirm"})) return true;
  constexpr double kShortest = 100, kLongest = 250;  // ms
  if (first.inversion_time_ms) return *first.inversion_time_ms >= kShortest && *first.inversion_time_ms <= kLongest;
  const auto& sequence = first.scanning_sequence;
  return std::find(sequence.begin(), sequence.end(), "IR") != sequence.end() &&
         !HoldsAny(NamesOf(first), std::array{"flair", "t1", "mprage"});
}

bool IsFatSaturatedT2(const DicomInstance& first) {
  const std::string names = NamesOf(first);
  const auto t2 = names.find("t2");
  return t2 != std::string::npos && HoldsAny(names.substr(t2), std::array{"fs", "fat", "spair", "spir", "_we"});
}

std::string SequenceOf(const DicomInstance& first) {
  if (IsDiffusion(first)) return "dwi";
  if (IsStir(first)) return "stir";
  if (IsFatSaturatedT2(first)) return "t2fs";
  if (HoldsAny(NamesOf(first), std::array{"t1"})) return "t1";
  return HoldsAny(NamesOf(first), std::array{"t2"}) ? "t2" : "";
}

// Why the rules do not want a series, empty where they do. Its errors do not count here.
std::string RuledOutBecause(const DicomSeries& series) {
  const DicomInstance& first = series.instances.front();
  if (first.modality != "MR") return "its modality is not MR";
  if (IsLocalizer(first)) return "it is a localizer";
  if (IsReformatted(first)) return "it was reformatted from another series";
  if (!IsCoronal(first)) return "it is not coronal";
  if (series.sequence != "stir" && series.sequence != "t2fs") return "it is neither STIR nor fat-suppressed T2";
  return "";
}

bool MayBeAStation(const DicomSeries& series) {
  return RuledOutBecause(series).empty() && !IsComposed(series.instances.front());
}

bool IsOtherModality(const DicomSeries& series) {
  return series.error && series.error->code() == "WRONG_MODALITY";
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
    if (options_.join_stations) AddSisterStations(study_.series, candidates_, MayBeAStation);
    Settle("it was named", "the series that was named");
  }

  void ChooseByRules() {
    DicomSeries* only = nullptr;
    std::size_t images = 0;
    for (DicomSeries& series : study_.series) {
      const std::string why_not = RuledOutBecause(series);
      series.reason = "not taken: " + why_not;
      if (why_not.empty()) candidates_.push_back(&series);
      if (IsLocalizer(series.instances.front()) || IsOtherModality(series)) continue;
      only = &series;
      ++images;
    }
    PreferComposed();
    if (!candidates_.empty())
      return Settle("coronal " + candidates_.front()->sequence, "coronal STIR or fat-suppressed T2");
    if (images == 1 && options_.take_only_series) {
      candidates_ = {only};
      return Settle("no rule matches, but it is the only image series of the study", "the only image series");
    }
    if (images == 0 && study_.series.size() == 1) {
      study_.choice_error = study_.series.front().error;
      if (study_.choice_error) return;
    }
    Fail(images > 1 ? "SERIES_AMBIGUOUS" : "SERIES_NOT_FOUND",
         std::to_string(images) + " image series, none of them coronal STIR or fat-suppressed T2");
  }

 private:
  void Fail(const char* code, const std::string& why) {
    study_.choice_error = InputError(code, "", "SeriesInstanceUID", why);
  }

  void PreferComposed() {
    const auto is_composed = [](const DicomSeries* series) { return IsComposed(series->instances.front()); };
    if (std::none_of(candidates_.begin(), candidates_.end(), is_composed)) return;
    for (DicomSeries* series : candidates_) {
      if (!is_composed(series)) series->reason = "not taken: a composed series of the same kind is there";
    }
    std::erase_if(candidates_, [&](const DicomSeries* series) { return !is_composed(series); });
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
      Fail("SERIES_AMBIGUOUS", std::to_string(usable.size()) + " volumes match (" + what + ")");
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
