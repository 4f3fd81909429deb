#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "pipeline/read/dicom_study.h"
#include "tests/pipeline/read/dicom_maker.h"

namespace dinsd {
namespace {

using testing::HasSubstr;

// A study of several series, each the made one after an edit; the n-th has the UID 1.2.3.n.
class Choice {
 public:
  Choice& Add(const DicomEdit& edit = {}, int slices = 8) {
    ++series_;
    const std::string uid = std::string("1.2.3.").append(std::to_string(series_));
    for (int k = 0; k < slices; ++k) {
      const std::string sop = std::string(uid).append(".").append(std::to_string(k));
      made_.Write(std::string(sop).append(".dcm"), MakeSlice(k, [&](DcmDataset& data) {
                    Put(data, DCM_SeriesInstanceUID, uid);
                    Put(data, DCM_SOPInstanceUID, sop);
                    if (edit) edit(data);
                  }));
    }
    return *this;
  }

  // The UID of the chosen series, or the code of why there is none.
  std::string Choose(const std::string& wanted = "", const DicomReadOptions& options = {}) {
    study = InspectDicomStudy(made_.files(), made_.root(), options, {});
    ChooseSeries(study, wanted, options);
    std::string chosen;
    for (const DicomSeries& series : study.series) {
      EXPECT_FALSE(series.reason.empty());
      if (series.is_chosen) chosen += series.series_uid;
    }
    EXPECT_NE(chosen.empty(), !study.choice_error);
    return study.choice_error ? study.choice_error->code() : chosen;
  }

  DicomStudy study;

 private:
  MadeStudy made_{0};
  int series_ = 0;
};

void Describe(DcmDataset& data, const char* description) {
  Put(data, DCM_SeriesDescription, description);
  data.findAndDeleteElement(DCM_ScanningSequence);
  data.findAndDeleteElement(DCM_InversionTime);
}

void MakeAxial(DcmDataset& data) {
  OFString y;
  data.findAndGetOFString(DCM_ImagePositionPatient, y, 1);
  Put(data, DCM_ImageOrientationPatient, "1\\0\\0\\0\\1\\0");
  Put(data, DCM_ImagePositionPatient, std::string("-10\\0\\").append(y.c_str()));
}

const DicomEdit kT1 = [](DcmDataset& data) { Describe(data, "cor t1 tse"); };
const DicomEdit kAxialT1 = [](DcmDataset& data) {
  Describe(data, "tra t1 tse");
  MakeAxial(data);
};
const DicomEdit kAxialStir = [](DcmDataset& data) { MakeAxial(data); };
const DicomEdit kLocalizer = [](DcmDataset& data) { Put(data, DCM_ImageType, "ORIGINAL\\PRIMARY\\LOCALIZER"); };
const DicomEdit kReformatted = [](DcmDataset& data) { Put(data, DCM_ImageType, "DERIVED\\SECONDARY\\MPR"); };

TEST(SeriesSelection, TakesTheCoronalStirAmongOthers) {
  Choice choice;
  EXPECT_EQ(choice.Add(kT1).Add().Add(kAxialStir).Add(kLocalizer).Add(kReformatted).Choose(), "1.2.3.2");
  EXPECT_EQ(choice.study.series[1].sequence, "stir");
  EXPECT_EQ(choice.study.series[1].reason, "taken: rule \"coronal STIR or fat-suppressed T2\"");
  const auto why_not = [&](std::size_t series) {
    const std::string& reason = choice.study.series[series].reason;
    EXPECT_TRUE(reason.starts_with("not taken: rule \"composed coronal STIR or fat-suppressed T2\": ")) << reason;
    const std::string of_second = "; rule \"coronal STIR or fat-suppressed T2\": ";
    const auto at = reason.find(of_second);
    return at == std::string::npos ? reason : reason.substr(at + of_second.size());
  };
  EXPECT_EQ(why_not(0), "its sequence is t1, not stir|t2fs");
  EXPECT_EQ(why_not(2), "it is axial, not coronal");
  EXPECT_THAT(why_not(3), HasSubstr("its ImageType is \"ORIGINAL/PRIMARY/LOCALIZER\", which is left out by"));
  EXPECT_THAT(why_not(4), HasSubstr("its ImageType is \"DERIVED/SECONDARY/MPR\", which is left out by"));
}

TEST(SeriesSelection, KnowsFatSuppressionByNameOrByInversionTime) {
  const auto taken = [](const DicomEdit& edit) { return Choice().Add(kAxialT1).Add(edit).Choose() == "1.2.3.2"; };
  for (const char* name : {"WB cor TIRM", "t2_stir_cor", "T2 TSE FS cor", "t2 spair", "COR T2 fatsat"}) {
    EXPECT_TRUE(taken([&](DcmDataset& data) { Describe(data, name); })) << name;
  }
  for (const char* name : {"cor t2 tse", "cor pd", "", "fs t1"}) {
    EXPECT_FALSE(taken([&](DcmDataset& data) { Describe(data, name); })) << name;
  }
  const auto inversion = [&](const char* ti) {
    return taken([&](DcmDataset& data) {
      Describe(data, "WB");
      Put(data, DCM_ScanningSequence, "SE\\IR");
      Put(data, DCM_InversionTime, ti);
    });
  };
  EXPECT_TRUE(inversion("220"));
  EXPECT_FALSE(inversion("2500")) << "FLAIR";
}

TEST(SeriesSelection, PrefersTheComposedSeries) {
  const DicomEdit composed = [](DcmDataset& data) { Put(data, DCM_ImageType, "DERIVED\\SECONDARY\\M\\COMPOSED"); };
  Choice choice;
  EXPECT_EQ(choice.Add().Add(composed).Add().Choose(), "1.2.3.2");
  EXPECT_THAT(choice.study.series[0].reason, HasSubstr("composed"));
}

TEST(SeriesSelection, NeverGuessesBetweenSeveral) {
  EXPECT_EQ(Choice().Add().Add().Choose(), "SERIES_AMBIGUOUS");
  EXPECT_EQ(Choice().Add(kT1).Add(kAxialT1).Choose(), "SERIES_AMBIGUOUS");
  EXPECT_EQ(Choice().Choose(), "SERIES_NOT_FOUND");
  EXPECT_EQ(Choice().Add(kLocalizer).Choose(), "SERIES_NOT_FOUND");
}

TEST(SeriesSelection, TakesTheOnlySeriesUnlessToldNotTo) {
  Choice choice;
  EXPECT_EQ(choice.Add(kAxialT1).Add(kLocalizer).Choose(), "1.2.3.1");
  EXPECT_THAT(choice.study.series[0].reason, HasSubstr("only image series"));
  DicomReadOptions options;
  options.take_only_series = false;
  EXPECT_EQ(choice.Choose("", options), "SERIES_NOT_FOUND");
}

TEST(SeriesSelection, DoesNotFallBackOnAnotherSeriesWhenTheMatchIsBroken) {
  const DicomEdit sheared = [](DcmDataset& data) {
    OFString y;
    data.findAndGetOFString(DCM_ImagePositionPatient, y, 1);
    Put(data, DCM_ImagePositionPatient, std::string(y.c_str()).append("\\").append(y.c_str()).append("\\0"));
  };
  EXPECT_EQ(Choice().Add(sheared).Add(kAxialT1).Choose(), "SHEARED");
  EXPECT_EQ(Choice().Add(sheared).Add().Choose(), "SHEARED");
  EXPECT_EQ(Choice().Add({}, 3).Add().Choose(), "1.2.3.2") << "the first was broken off";
}

TEST(SeriesSelection, TakesTheSeriesThatIsNamed) {
  Choice choice;
  choice.Add().Add(kAxialT1).Add({}, 3);
  EXPECT_EQ(choice.Choose("1.2.3.2"), "1.2.3.2");
  EXPECT_EQ(choice.Choose("1.2.3.3"), "TOO_FEW_SLICES");
  EXPECT_EQ(choice.Choose("1.2.3.99"), "SERIES_NOT_FOUND");
  EXPECT_EQ(choice.Choose(), "1.2.3.1") << "an earlier choice leaves no trace";
}

TEST(SeriesSelection, OfOneSeriesWithSeveralVolumesIsAmbiguous) {
  Choice choice;
  MadeStudy made(16, [](DcmDataset& data, int k) {
    Put(data, DCM_ImagePositionPatient,
        std::string("-10\\").append(std::to_string(10 * (k / 2))).append(k % 2 == 0 ? "\\100" : "\\-300"));
  });
  DicomStudy study = InspectDicomStudy(made.files(), made.root(), {}, {});
  DicomReadOptions apart;
  apart.join_stations = false;
  ChooseSeries(study, "1.2.3.4", apart);
  EXPECT_EQ(study.choice_error.value().code(), "SERIES_AMBIGUOUS");
  EXPECT_THAT(study.choice_error->sentence(), HasSubstr("1.2.3.4 \"station 1 of 2\", 1.2.3.4 \"station 2 of 2\""));
  ChooseSeries(study, "1.2.3.4", {});
  EXPECT_EQ(study.choice_error.value().code(), "STATION_OVERLAP") << "400 mm apart: no stations of one examination";
}

DicomReadOptions WithRules(const std::vector<SeriesRule>& rules) {
  DicomReadOptions options;
  options.series_rules = rules;
  options.take_only_series = false;
  return options;
}

SeriesRule Rule(const std::string& name, const std::function<void(SeriesRule&)>& edit = {}) {
  SeriesRule rule;
  rule.name = name;
  if (edit) edit(rule);
  return rule;
}

TEST(SeriesRules, TheFirstThatMatchesAnyDecides) {
  const SeriesRule t1 = Rule("a t1", [](SeriesRule& rule) { rule.sequence = "t1"; });
  const SeriesRule axial = Rule("an axial", [](SeriesRule& rule) { rule.orientation = SliceOrientation::kAxial; });
  Choice choice;
  choice.Add(kAxialStir).Add(kT1);
  EXPECT_EQ(choice.Choose("", WithRules({t1, axial})), "1.2.3.2");
  EXPECT_EQ(choice.study.series[1].reason, "taken: rule \"a t1\"");
  EXPECT_EQ(choice.study.series[0].reason, "not taken: rule \"a t1\": its sequence is stir, not t1");
  EXPECT_EQ(choice.Choose("", WithRules({axial, t1})), "1.2.3.1");
  EXPECT_EQ(choice.Choose("", WithRules({Rule("any")})), "SERIES_AMBIGUOUS");
  EXPECT_EQ(choice.Add({}, 3).Choose("", WithRules({Rule("few", [](SeriesRule& rule) { rule.max_slices = 4; }), t1})),
            "TOO_FEW_SLICES")
      << "no later rule takes what the first cannot read";
}

TEST(SeriesRules, EachConditionMayFailAndSaysWhy) {
  const auto why = [](const std::function<void(SeriesRule&)>& edit) {
    Choice choice;
    EXPECT_NE(choice
                  .Add([](DcmDataset& data) {
                    Put(data, DCM_ProtocolName, "WB STIR");
                    Put(data, DCM_BodyPartExamined, "WHOLEBODY");
                    Put(data, DCM_MRAcquisitionType, "2D");
                  })
                  .Choose("", WithRules({Rule("r", edit)})),
              "SERIES_AMBIGUOUS");
    const std::string& reason = choice.study.series[0].reason;
    const std::string begin = "not taken: rule \"r\": ";
    return reason.starts_with(begin) ? reason.substr(begin.size()) : reason;
  };
  const std::string taken = "taken: rule \"r\"";
  EXPECT_EQ(why([](SeriesRule& r) { r.modality = "CT"; }), "its Modality is \"MR\", not CT");
  EXPECT_EQ(why([](SeriesRule& r) { r.sop_class = "1[.]2.*[.]4[.]1"; }),
            "its SOPClassUID is \"1.2.840.10008.5.1.4.1.1.4\", not 1[.]2.*[.]4[.]1");
  EXPECT_EQ(why([](SeriesRule& r) { r.description = "stir"; }), "its SeriesDescription is \"cor STIR\", not stir");
  EXPECT_EQ(why([](SeriesRule& r) { r.description = ".*stir"; }), taken);
  EXPECT_EQ(why([](SeriesRule& r) { r.not_description = "COR .*"; }),
            "its SeriesDescription is \"cor STIR\", which is left out by COR .*");
  EXPECT_EQ(why([](SeriesRule& r) { r.protocol = "head.*"; }), "its ProtocolName is \"WB STIR\", not head.*");
  EXPECT_EQ(why([](SeriesRule& r) { r.not_protocol = "wb.*"; }),
            "its ProtocolName is \"WB STIR\", which is left out by wb.*");
  EXPECT_EQ(why([](SeriesRule& r) { r.body_part = "head"; }), "its BodyPartExamined is \"WHOLEBODY\", not head");
  EXPECT_EQ(why([](SeriesRule& r) { r.sequence = "t2fs"; }), "its sequence is stir, not t2fs");
  EXPECT_EQ(why([](SeriesRule& r) {
              r.scanning_sequence = {"IR", "SE"};
            }),
            "its ScanningSequence is \"IR\", without SE");
  EXPECT_EQ(why([](SeriesRule& r) { r.min_inversion_time_ms = 160; }), "its InversionTime is 150, not 160 to 100000");
  EXPECT_EQ(why([](SeriesRule& r) { r.max_inversion_time_ms = 150; }), taken);
  EXPECT_EQ(why([](SeriesRule& r) { r.acquisition_type = "3d"; }), "its MRAcquisitionType is \"2D\", not 3d");
  EXPECT_EQ(why([](SeriesRule& r) { r.image_type = ".*/adc"; }),
            "its ImageType is \"ORIGINAL/PRIMARY/M/NORM\", not .*/adc");
  EXPECT_EQ(why([](SeriesRule& r) { r.not_image_type = ".*/norm"; }),
            "its ImageType is \"ORIGINAL/PRIMARY/M/NORM\", which is left out by .*/norm");
  EXPECT_EQ(why([](SeriesRule& r) { r.composed = YesOrNo::kYes; }), "it is not composed of stations");
  EXPECT_EQ(why([](SeriesRule& r) { r.composed = YesOrNo::kNo; }), taken);
  EXPECT_EQ(why([](SeriesRule& r) { r.orientation = SliceOrientation::kSagittal; }), "it is coronal, not sagittal");
  EXPECT_EQ(why([](SeriesRule& r) { r.min_slices = 9; }), "its number of slices is 8, not 9 to 100000");
  EXPECT_EQ(why([](SeriesRule& r) { r.max_thickness_mm = 5; }), "its SliceThickness is 10, not 0 to 5");
  EXPECT_EQ(why([](SeriesRule& r) { r.volume = ".*"; }), "it is the only volume of its series, not .*");
}

TEST(SeriesRules, WhatIsNotStatedMatchesNoCondition) {
  const auto taken = [](const std::function<void(SeriesRule&)>& edit) {
    return Choice().Add([](DcmDataset& data) { Describe(data, ""); }).Choose("", WithRules({Rule("r", edit)})) ==
           "1.2.3.1";
  };
  EXPECT_TRUE(taken({}));
  EXPECT_FALSE(taken([](SeriesRule& r) { r.description = ".*"; }));
  EXPECT_FALSE(taken([](SeriesRule& r) { r.sequence = ".*"; }));
  EXPECT_FALSE(taken([](SeriesRule& r) { r.min_inversion_time_ms = 1; }));
  EXPECT_TRUE(taken([](SeriesRule& r) { r.not_description = ".+"; }));
}

// Two timepoints in one series: which is taken is said by a rule, or nothing is.
TEST(SeriesRules, TakeOneVolumeOfASeries) {
  const auto in_time = [](DcmDataset& data, int k) {
    Put(data, DCM_ImagePositionPatient, std::string("-10\\").append(std::to_string(10 * (k / 2))).append("\\100"));
    Put(data, DCM_TemporalPositionIdentifier, std::to_string(k % 2 + 1));
  };
  const MadeStudy made(16, in_time);
  DicomStudy study = InspectDicomStudy(made.files(), made.root(), {}, {});
  ChooseSeries(study, "", {});
  EXPECT_THAT(study.choice_error.value().what(),
              HasSubstr("2 volumes match (rule \"coronal STIR or fat-suppressed T2\"): "
                        "1.2.3.4 \"temporal position 1\", 1.2.3.4 \"temporal position 2\""));
  const DicomReadOptions last = WithRules({Rule("last", [](SeriesRule& r) { r.volume = "temporal position 2"; })});
  for (const char* wanted : {"", "1.2.3.4"}) {
    ChooseSeries(study, wanted, last);
    ASSERT_FALSE(study.choice_error) << study.choice_error->what();
    EXPECT_TRUE(study.series[1].is_chosen);
    EXPECT_THAT(study.series[1].reason, HasSubstr("rule \"last\""));
    EXPECT_THAT(study.series[0].reason, HasSubstr("it is the volume \"temporal position 1\", not temporal position 2"));
  }
  const DicomReadOptions third = WithRules({Rule("third", [](SeriesRule& r) { r.volume = "temporal position 3"; })});
  ChooseSeries(study, "1.2.3.4", third);
  EXPECT_EQ(study.choice_error.value().code(), "SERIES_AMBIGUOUS");
  ChooseSeries(study, "", third);
  EXPECT_THAT(study.choice_error.value().what(), HasSubstr("2 image series or volumes, none of them matches a rule"));
}

TEST(SeriesRules, RangesThatNothingIsInAreRefused) {
  EXPECT_THROW(Rule("").Check(), std::invalid_argument);
  EXPECT_THROW(Rule("r", [](SeriesRule& r) { r.min_slices = 9, r.max_slices = 8; }).Check(), std::invalid_argument);
  EXPECT_THROW(Rule("r", [](SeriesRule& r) { r.min_thickness_mm = 9, r.max_thickness_mm = 8; }).Check(),
               std::invalid_argument);
  EXPECT_THROW(Rule("r", [](SeriesRule& r) { r.min_inversion_time_ms = 9, r.max_inversion_time_ms = 8; }).Check(),
               std::invalid_argument);
  for (const SeriesRule& rule : DefaultSeriesRules()) EXPECT_NO_THROW(rule.Check());
}

}  // namespace
}  // namespace dinsd
