#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/longitudinal/lesion_track.h"

namespace dinsd {

/// A lesion as a result has it; `log_sd` < 0: it has no interval.
inline MeasuredLesion MadeLesion(std::uint16_t label, double ml, const std::string& uid = "", int slices = 5,
                                 double log_sd = -1) {
  MeasuredLesion lesion;
  lesion.lesion.id = "L" + std::to_string(label);
  lesion.lesion.label = label;
  lesion.lesion.tracking_uid = uid;
  lesion.lesion.volume_ml = ml;
  lesion.lesion.slices_spanned = slices;
  if (log_sd >= 0) lesion.interval = ReportedInterval{0.9 * ml, 1.1 * ml, 0.9, 8, log_sd};
  if (log_sd < 0) lesion.no_interval = "made without one";
  return lesion;
}

/// A final timepoint, by default all with one method.
inline PatientTimepoint MadeTimepoint(const std::string& date, std::vector<MeasuredLesion> lesions,
                                      bool is_final = true) {
  PatientTimepoint timepoint;
  timepoint.study_date = date;
  timepoint.patient = "P1";
  timepoint.is_final = is_final;
  timepoint.lesions = std::move(lesions);
  timepoint.place.result_sha256 = date;
  timepoint.method = {"w", "weights", "options", "dinsd"};
  return timepoint;
}

/// Answers by pairs of timepoints as a test gives them; what it was asked is kept. A pair that is not given was imaged,
/// and nothing matches.
class FakeComparer {
 public:
  PlaceAnswer& operator()(std::size_t earlier, std::size_t later) { return answers_[{earlier, later}]; }

  [[nodiscard]] PlaceComparer Comparer() {
    return [this](const PlaceQuestion& question) {
      asked.push_back(question);
      const auto known = answers_.find({question.earlier, question.later});
      if (known != answers_.end()) return known->second;
      PlaceAnswer answer;
      answer.was_imaged = question.open_later;
      return answer;
    };
  }

  std::vector<PlaceQuestion> asked;

 private:
  std::map<std::pair<std::size_t, std::size_t>, PlaceAnswer> answers_;
};

}  // namespace dinsd
