#include <iterator>
#include <utility>

#include "config/settings_keys.h"

// The keys of one [[series]]: a rule by which the series of a DICOM study is chosen.

namespace dinsd {
namespace {

constexpr const char* kPatternRange = "a POSIX extended regular expression; \"\" = any";

Key PatternKey(std::string name, std::string& field, std::string about) {
  return TextKey(std::move(name), field, kPatternRange, std::move(about), IsWordPattern);
}

std::vector<Key> NameKeys(SeriesRule& r) {
  return {
      Required(TextKey("name", r.name, "a text", "What `dins explain` and the reasons call the rule.",
                       [](const std::string& text) { return !text.empty() && text.size() <= 100; })),
      PatternKey("modality", r.modality, "Modality."),
      PatternKey("sop_class", r.sop_class, "SOPClassUID."),
      PatternKey("description", r.description, "SeriesDescription."),
      PatternKey("not_description", r.not_description, "SeriesDescription, must not match."),
      PatternKey("protocol", r.protocol, "ProtocolName."),
      PatternKey("not_protocol", r.not_protocol, "ProtocolName, must not match."),
      PatternKey("body_part", r.body_part, "BodyPartExamined."),
      PatternKey("volume", r.volume,
                 "What tells the volumes of one series apart, as `dins explain` writes it, such as \"b value .*\".")};
}

std::vector<Key> ContrastKeys(SeriesRule& r) {
  return {
      PatternKey("sequence", r.sequence,
                 "The word that names, ImageType and inversion time give: stir, t2fs, t1, t2, dwi."),
      TextListKey(
          "scanning_sequence", r.scanning_sequence, "words of ScanningSequence; [] = any",
          "All of them must be there, such as \"IR\".", [](const std::string& text) { return !text.empty(); }, true),
      RealKey("min_inversion_time_ms", r.min_inversion_time_ms, 0, SeriesRule::kNoLimit, "ms", "InversionTime."),
      RealKey("max_inversion_time_ms", r.max_inversion_time_ms, 0, SeriesRule::kNoLimit, "ms", "InversionTime."),
      PatternKey("acquisition_type", r.acquisition_type, "MRAcquisitionType: 2D or 3D."),
      PatternKey("image_type", r.image_type, "The values of ImageType with / between them."),
      PatternKey("not_image_type", r.not_image_type, "The same, must not match."),
      ChoiceKey<YesOrNo>("composed", r.composed,
                         {{"either", YesOrNo::kEither}, {"yes", YesOrNo::kYes}, {"no", YesOrNo::kNo}},
                         "One image out of several table stations, as ImageType or a name says.")};
}

std::vector<Key> PlaneKeys(SeriesRule& r) {
  return {ChoiceKey<SliceOrientation>("orientation", r.orientation,
                                      {{"any", SliceOrientation::kAny},
                                       {"coronal", SliceOrientation::kCoronal},
                                       {"axial", SliceOrientation::kAxial},
                                       {"sagittal", SliceOrientation::kSagittal}},
                                      "Of the slices, within 37 degrees."),
          WholeKey("min_slices", r.min_slices, 0, SeriesRule::kMostSlices, "slices", "Of the volume."),
          WholeKey("max_slices", r.max_slices, 0, SeriesRule::kMostSlices, "slices", "Of the volume."),
          RealKey("min_thickness_mm", r.min_thickness_mm, 0, SeriesRule::kNoLimit, "mm", "SliceThickness."),
          RealKey("max_thickness_mm", r.max_thickness_mm, 0, SeriesRule::kNoLimit, "mm", "SliceThickness.")};
}

}  // namespace

Section SectionOf(SeriesRule& rule) {
  std::vector<Key> keys = NameKeys(rule);
  for (std::vector<Key> more : {ContrastKeys(rule), PlaneKeys(rule)})
    keys.insert(keys.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  return {
      "series",
      "Which DICOM series of a study is segmented: the first rule that matches any decides, and only if it leaves "
      "one. A pattern has to match the whole value, in any case of letters; a value that is not there matches none. "
      "Rules of your own stand in place of the two that follow. Repeat for more.",
      std::move(keys)};
}

}  // namespace dinsd
