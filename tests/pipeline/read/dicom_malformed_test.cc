#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pipeline/read/dicom_study.h"
#include "tests/pipeline/read/dicom_maker.h"
#include "tests/pipeline/read/expected_outcomes.h"
#include "tests/pipeline/read/foreign_forms.h"
#include "tests/test_data.h"

// Each foreign file goes through the reader in three forms. What becomes of each is kept in malformed_expected.csv.

namespace dinsd {
namespace {

std::string OutcomeOf(const MadeStudy& made) {
  try {
    DicomStudy study = InspectDicomStudy(made.files(), made.root(), {}, {});
    if (study.error) return study.error->code();
    ChooseSeries(study, "", {});
    if (study.choice_error) return study.choice_error->code();
    for (const DicomSeries& series : study.series) {
      if (series.is_chosen) (void)ReadDicomSeries(series, made.root(), {});
    }
    return "accepted";
  } catch (const InputError& error) {
    return error.code();
  }
}

Outcomes TryAll(const std::string& set, const std::vector<ForeignFile>& files) {
  Outcomes outcomes;
  for (const ForeignFile& file : files) {
    for (const ForeignForm& form : FormsOf(file.bytes)) {
      MadeStudy made(0);
      for (std::size_t i = 0; i < form.files.size(); ++i)
        made.Write(i == 0 ? "x.dcm" : "n" + std::to_string(i) + ".dcm", form.files[i]);
      outcomes[set + "," + file.name + "," + form.name] = OutcomeOf(made);
    }
  }
  return outcomes;
}

constexpr const char* kExpected = "tests/pipeline/read/malformed_expected.csv";

TEST(DicomMalformed, CorpusIsReadOrRefusedAsExpected) {
  DINSD_REQUIRE_DATA("dicom/malformed.tar.xz");
  const std::vector<ForeignFile> files = MalformedFiles();
  if (files.empty()) GTEST_SKIP() << "cannot unpack dicom/malformed.tar.xz (needs tar and xz)";
  EXPECT_EQ(files.size(), 238U);
  ExpectOutcomes(kExpected, "malformed", TryAll("malformed", files));
}

TEST(DicomMalformed, FilesOfPydicomAreReadOrRefusedAsExpected) {
  DINSD_REQUIRE_DATA("dicom/pydicom");
  ExpectOutcomes(kExpected, "pydicom", TryAll("pydicom", ForeignFilesIn(*TestData() / "dicom" / "pydicom")));
}

}  // namespace
}  // namespace dinsd
