#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

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
  EXPECT_EQ(choice.study.series[1].reason, "taken: coronal stir");
  EXPECT_THAT(choice.study.series[0].reason, HasSubstr("neither STIR nor"));
  EXPECT_THAT(choice.study.series[2].reason, HasSubstr("not coronal"));
  EXPECT_THAT(choice.study.series[3].reason, HasSubstr("localizer"));
  EXPECT_THAT(choice.study.series[4].reason, HasSubstr("reformatted"));
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
  ChooseSeries(study, "1.2.3.4", {});
  EXPECT_EQ(study.choice_error.value().code(), "STATION_OVERLAP") << "400 mm apart: no stations of one examination";
}

}  // namespace
}  // namespace dinsd
