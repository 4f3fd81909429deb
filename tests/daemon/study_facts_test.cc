#include "daemon/service/study_facts.h"

#include <gtest/gtest.h>

#include "daemon/messages/job_key.h"
#include "pipeline/report/method.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

StudyIdentity Identity(const std::string& patient, const std::string& issuer = "") {
  StudyIdentity identity;
  identity.patient = patient;
  identity.issuer = issuer;
  identity.study_uid = "1.2.3";
  identity.study_date = "2026-01-02";
  return identity;
}

TEST(StudyFacts, OnlyAPseudonymIsKeptAsItIs) {
  EXPECT_EQ(FactsOf("salt", Identity("P1"), true).patient, "P1");
  const StudyFacts dicom = FactsOf("salt", Identity("4711"), false);
  EXPECT_EQ(dicom.patient.find("4711"), std::string::npos);
  EXPECT_NE(dicom.patient, FactsOf("other salt", Identity("4711"), false).patient);
  EXPECT_NE(dicom.patient, FactsOf("salt", Identity("4711", "another hospital"), false).patient);
  EXPECT_EQ(FactsOf("salt", Identity(""), false).patient, "");
}

TEST(StudyFacts, AManifestThatComesOrGoesIsNoOtherPatient) {
  const std::string plain = FactsOf("salt", Identity("4711"), true).patient;
  const std::string salted = FactsOf("salt", Identity("4711"), false).patient;
  for (const std::string& known : {plain, salted}) {
    EXPECT_TRUE(IsSamePatient("salt", known, Identity("4711")));
    EXPECT_FALSE(IsSamePatient("salt", known, Identity("4712")));
  }
  EXPECT_FALSE(IsSamePatient("salt", salted, Identity("4711", "another hospital")));
}

TEST(StudyFacts, AResultTellsThemByItsReport) {
  const TempFolder folder;
  EXPECT_FALSE(FactsOfResult("salt", folder.path()));
  folder.Write("report.json", R"({"study": {"patient": "4711", "issuer": "H", "study_uid": "1.2.3",
                                            "study_date": "2026-01-02", "has_manifest": false}})");
  const StudyFacts found = FactsOfResult("salt", folder.path()).value();
  const StudyFacts made = FactsOf("salt", Identity("4711", "H"), false);
  EXPECT_EQ(found.patient, made.patient);
  EXPECT_EQ(found.study_date, made.study_date);
  EXPECT_EQ(found.study_hash, made.study_hash);
  folder.Write("report.json", R"({"study": {"patient": null, "has_manifest": false}})");
  EXPECT_EQ(FactsOfResult("salt", folder.path()).value().patient, "");
  folder.Write("report.json", "{}");
  EXPECT_FALSE(FactsOfResult("salt", folder.path()));
}

TEST(StudyFacts, TheMethodOfAnImportedMaskEqualsNoOther) {
  const TempFolder folder;
  folder.Write("report.json", R"({"state": "final", "study": {"patient": "4711", "has_manifest": true}})");
  const auto method = [&](const std::string& mask) {
    folder.Write("provenance.json", R"({"weights": {"sha256": null}, "imported": {"sha256": ")" + mask + R"("}})");
    return ResultFactsOf("salt", folder.path()).value().method;
  };
  EXPECT_TRUE(method("a").starts_with(kImportedMethod));
  EXPECT_NE(method("a"), method("b"));
}

TEST(StudyFacts, AResultTellsItsImagesByItsProvenance) {
  const TempFolder folder;
  EXPECT_EQ(ImagesOfResult(folder.path()), "");
  folder.Write("provenance.json", R"({"segmented_files": ["1.dcm", "2.dcm"], "inputs": [
      {"file": "2.dcm", "sha256": "f2", "pixel_sha256": "p2"}, {"file": "1.dcm", "sha256": "f1", "pixel_sha256": "p1"},
      {"file": "study.json", "sha256": "s", "pixel_sha256": null}]})");
  EXPECT_EQ(ImagesOfResult(folder.path()), ContentsDigest({"p1", "p2"}));
  folder.Write("provenance.json", R"({"segmented_files": ["a.nii"], "inputs": [
      {"file": "a.nii", "sha256": "f", "pixel_sha256": null}]})");
  EXPECT_EQ(ImagesOfResult(folder.path()), ContentsDigest({"f"}));
  folder.Write("provenance.json", R"({"segmented_files": ["m", "n"], "segmented_frames": [[2, 1], []], "inputs": [
      {"file": "m", "sha256": "f"}, {"file": "n", "sha256": "g"}]})");
  EXPECT_EQ(ImagesOfResult(folder.path()), ContentsDigest({"f frames 1 2", "g"}));
  folder.Write("provenance.json", R"({"segmented_files": ["b.nii"], "inputs": [{"file": "a.nii", "sha256": "f"}]})");
  EXPECT_EQ(ImagesOfResult(folder.path()), "") << "a file that is no input";
  folder.Write("provenance.json", R"({"segmented_files": ["a"], "inputs": [{"file": "a", "sha256": "f"},
      {"file": "a", "sha256": "g"}]})");
  EXPECT_EQ(ImagesOfResult(folder.path()), "") << "which one?";
}

}  // namespace
}  // namespace dinsd
