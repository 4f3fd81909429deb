#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcfilefo.h>
#include <dcmtk/dcmdata/dcuid.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "pipeline/read/dicom_measurements.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/write/result_dicom.h"
#include "tests/pipeline/write/made_follow_up.h"
#include "tests/pipeline/write/made_result.h"
#include "tests/temp_folder.h"

// What the structured report refers to of the prior study.

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class SrPriorObjectsTest : public testing::Test {
 protected:
  SrPriorObjectsTest() : made(5, true) { AddFollowUp(made.result); }

  SrMeasurements Write(const TempFolder& place) {
    const ReportContext context{.job_id = "17", .created = "2026-01-02T03:04:05Z", .software = "dinsd test"};
    (void)WriteResultDicom(place.path(), made.Output().value(), context, "key", made.result);
    return ReadMeasurements(ReadFileBytes(place.path(), "dicom/sr.dcm", 1 << 30), "sr.dcm");
  }

  // By tracking identifier.
  std::map<std::string, SrGroup> Groups() {
    std::map<std::string, SrGroup> groups;
    for (const SrGroup& group : Write(folder).groups) groups[group.tracking_id] = group;
    return groups;
  }

  MadeResult made;
  TempFolder folder;
};

// Of the numbers of one concept.
std::vector<SrReference> SourcesOf(const SrGroup& group, const std::string& concept_code) {
  std::vector<SrReference> sources;
  for (const SrNumber& number : group.numbers) {
    if (number.concept_code == concept_code)
      sources.insert(sources.end(), number.sources.begin(), number.sources.end());
  }
  return sources;
}

TEST_F(SrPriorObjectsTest, TheVolumeThenNamesTheObjectsThatItWasMeasuredIn) {
  std::map<std::string, SrGroup> groups = Groups();
  const char* const seg = UID_SegmentationStorage;
  EXPECT_THAT(SourcesOf(groups.at("L1"), "PRIORVOLUME"),
              ElementsAre(SrReference{seg, "1.2.840.77.5.1", 4}, SrReference{seg, "1.2.840.77.5.2", 1}));
  EXPECT_THAT(groups.at("L1").segments, SizeIs(1)) << "today's alone";
  EXPECT_THAT(SourcesOf(groups.at("L1"), "118565006"), IsEmpty());
  EXPECT_THAT(SourcesOf(groups.at("L2"), "PRIORVOLUME"), IsEmpty()) << "no object of it is known";
  EXPECT_THAT(SourcesOf(groups.at("gone"), "PRIORVOLUME"), ElementsAre(SrReference{seg, "1.2.840.77.5.1", 7}));
  EXPECT_THAT(SourcesOf(groups.at("outside"), "PRIORVOLUME"),
              ElementsAre(SrReference{UID_RTStructureSetStorage, "1.2.840.77.6.1", 0}));
}

// SOP Instance UIDs of an evidence sequence, by study, series and instance.
std::set<std::string> EvidenceIn(DcmDataset& data, const DcmTagKey& sequence) {
  std::set<std::string> uids;
  DcmItem *study = nullptr, *series = nullptr, *instance = nullptr;
  for (long n = 0; data.findAndGetSequenceItem(sequence, study, n).good(); ++n) {
    for (long s = 0; study->findAndGetSequenceItem(DCM_ReferencedSeriesSequence, series, s).good(); ++s) {
      for (long i = 0; series->findAndGetSequenceItem(DCM_ReferencedSOPSequence, instance, i).good(); ++i) {
        OFString uid;
        (void)instance->findAndGetOFString(DCM_ReferencedSOPInstanceUID, uid);
        uids.insert(uid.c_str());
      }
    }
  }
  return uids;
}

TEST_F(SrPriorObjectsTest, ThePriorsObjectsAreOtherEvidenceAndNoCurrentOne) {
  (void)Write(folder);
  DcmFileFormat file;
  ASSERT_TRUE(file.loadFile((folder.path() / "dicom/sr.dcm").c_str()).good());
  DcmDataset& data = *file.getDataset();
  const std::set<std::string> current = EvidenceIn(data, DCM_CurrentRequestedProcedureEvidenceSequence);
  EXPECT_THAT(EvidenceIn(data, DCM_PertinentOtherEvidenceSequence),
              ElementsAre("1.2.840.77.5.1", "1.2.840.77.5.2", "1.2.840.77.6.1"));
  EXPECT_THAT(current, SizeIs(made.result.image.files.size() + 1)) << "the images and today's segmentation";
  EXPECT_THAT(current, Not(testing::Contains(testing::StartsWith("1.2.840.77."))));
  DcmItem* study = nullptr;
  OFString uid;
  ASSERT_TRUE(data.findAndGetSequenceItem(DCM_PertinentOtherEvidenceSequence, study, 0).good());
  ASSERT_TRUE(study->findAndGetOFString(DCM_StudyInstanceUID, uid).good());
  EXPECT_EQ(uid, "1.2.840.77");
}

TEST_F(SrPriorObjectsTest, WithoutObjectsOfThePriorThereIsNoOtherEvidence) {
  for (FollowedLesion& lesion : made.result.follow_up->lesions) lesion.prior.objects.clear();
  for (const auto& [id, group] : Groups()) EXPECT_THAT(SourcesOf(group, "PRIORVOLUME"), IsEmpty()) << id;
  DcmFileFormat file;
  ASSERT_TRUE(file.loadFile((folder.path() / "dicom/sr.dcm").c_str()).good());
  EXPECT_FALSE(file.getDataset()->tagExists(DCM_PertinentOtherEvidenceSequence));
}

// DCMTK refuses a whole report for an IMAGE of a class that it does not know, dciodvfy a segment of one.
TEST_F(SrPriorObjectsTest, ALabelMapOfThePriorIsACompositeWithItsSegmentInWords) {
  const char* const label_map = "1.2.840.10008.5.1.4.1.1.66.7";
  made.result.follow_up->lesions[0].prior.objects = {{"1.2.840.77", "1.2.840.77.7", label_map, "1.2.840.77.7.1", 9}};
  const SrGroup group = Groups().at("L1");
  EXPECT_THAT(SourcesOf(group, "PRIORVOLUME"), ElementsAre(SrReference{label_map, "1.2.840.77.7.1", 0}));
  EXPECT_THAT(group.words, testing::Contains(SrWord{"PRIOROBJECT", "", "SOP Instance UID 1.2.840.77.7.1, segment 9"}));
}

TEST_F(SrPriorObjectsTest, OtherObjectsOfThePriorMakeAnotherReport) {
  const TempFolder again, other;
  const std::string before = Write(folder).sop_instance_uid;
  EXPECT_EQ(Write(again).sop_instance_uid, before);
  made.result.follow_up->lesions[0].prior.objects.pop_back();
  EXPECT_NE(Write(other).sop_instance_uid, before);
}

}  // namespace
}  // namespace dinsd
