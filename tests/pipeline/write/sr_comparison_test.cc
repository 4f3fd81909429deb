#include "pipeline/write/sr_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "pipeline/read/dicom_measurements.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/report/report.h"
#include "pipeline/report/safe_text.h"
#include "pipeline/write/result_seg.h"
#include "pipeline/write/result_sr.h"
#include "tests/pipeline/write/made_follow_up.h"
#include "tests/pipeline/write/made_result.h"
#include "tests/pipeline/write/made_stations.h"
#include "tests/pipeline/write/valid_objects.h"
#include "tests/temp_folder.h"

// What the structured report says of a lesion beside its prior.

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const ReportContext kContext{.job_id = "17", .created = "2026-01-02T03:04:05Z", .software = "dinsd test"};

template <typename Made>
std::vector<std::string> Write(Made& made, const TempFolder& folder) {
  return WriteResultDicom(folder.path(), made.Output().value(), kContext, "key", made.result);
}

// By tracking identifier.
std::map<std::string, SrGroup> GroupsIn(const TempFolder& folder) {
  std::map<std::string, SrGroup> groups;
  for (const SrGroup& group : ReadMeasurements(ReadFileBytes(folder.path(), "dicom/sr.dcm", 1 << 30), "sr.dcm").groups)
    groups[group.tracking_id] = group;
  return groups;
}

// "VOLUMECHANGE 50.00 %" of each number but the volume.
std::vector<std::string> FiguresOf(const SrGroup& group) {
  std::vector<std::string> figures;
  for (const SrNumber& number : group.numbers) {
    if (number.concept_code != "118565006")
      figures.push_back(number.concept_code + " " + number.text + " " + number.unit);
  }
  return figures;
}

class SrComparisonTest : public testing::Test {
 protected:
  SrComparisonTest() : made(5, true) { AddFollowUp(made.result); }

  std::map<std::string, SrGroup> Groups() {
    (void)Write(made, folder);
    return GroupsIn(folder);
  }

  MadeResult made;
  TempFolder folder;
};

TEST_F(SrComparisonTest, ALesionHasItsIntervalsAndTheChangeWithTheDigitsOfTheTable) {
  const double volume_ml = made.result.lesions[0].volume_ml, reach = 1.959963984540054 * std::hypot(0.05, 0.05);
  const SrGroup group = Groups().at("L1");
  EXPECT_EQ(group.numbers.at(0).concept_code, "118565006") << "today's volume is the first number, for simple readers";
  EXPECT_EQ(group.numbers.at(0).value, volume_ml);
  EXPECT_THAT(FiguresOf(group),
              ElementsAre("VOLUMELOW90 " + FixedDigits(0.9 * volume_ml, 4) + " mL",
                          "VOLUMEHIGH90 " + FixedDigits(1.2 * volume_ml, 4) + " mL",
                          "PRIORVOLUME " + FixedDigits(volume_ml / 1.5, 4) + " mL", "VOLUMECHANGE 50.00 %",
                          "CHANGELOW95 " + FixedDigits(100 * (1.5 * std::exp(-reach) - 1), 2) + " %",
                          "CHANGEHIGH95 " + FixedDigits(100 * (1.5 * std::exp(reach) - 1), 2) + " %"));
  EXPECT_THAT(LesionsCsv(made.result), HasSubstr("," + FixedDigits(volume_ml / 1.5, 4) + ","));
  EXPECT_THAT(LesionsCsv(made.result), HasSubstr(",50.00,"));
  EXPECT_THAT(group.words, ElementsAre(SrWord{"LESIONTYPE", "PLEXIFORM", ""}, SrWord{"CHANGECLASS", "15454001", ""},
                                       SrWord{"PRIORDATE", "", "2025-03-04"}));
}

TEST_F(SrComparisonTest, WhatIsNotKnownIsNotThere) {
  const SrGroup group = Groups().at("L2");
  EXPECT_THAT(FiguresOf(group),
              ElementsAre("PRIORVOLUME " + FixedDigits(made.result.lesions[1].volume_ml / 1.5, 4) + " mL",
                          "VOLUMECHANGE 50.00 %"));
  EXPECT_THAT(group.words, ElementsAre(SrWord{"LESIONTYPE", "DISCRETE", ""}, SrWord{"CHANGECLASS", "UNCERTAIN", ""},
                                       SrWord{"CHANGEREASON", "", FollowUpRows(made.result).at(1).change.reason},
                                       SrWord{"PRIORDATE", "", "2025-03-04"},
                                       SrWord{"PRIOROBJECT", "", "SOP Instance UID 1.2.840.77.1, segment 3"}));
}

TEST_F(SrComparisonTest, ALesionThatThePriorDoesNotHaveHasItsVolumeAlone) {
  const SrGroup group = Groups().at("L3");
  EXPECT_THAT(group.numbers, SizeIs(1));
  EXPECT_THAT(group.words, IsEmpty());
}

TEST_F(SrComparisonTest, WithoutAPriorThereIsOnlyTheIntervalOfTheVolume) {
  made.result.follow_up.reset();
  const double volume_ml = made.result.lesions[0].volume_ml;
  for (const auto& [id, group] : Groups()) {
    if (id == "L1") {
      EXPECT_THAT(FiguresOf(group), ElementsAre("VOLUMELOW90 " + FixedDigits(0.9 * volume_ml, 4) + " mL",
                                                "VOLUMEHIGH90 " + FixedDigits(1.2 * volume_ml, 4) + " mL"));
    }
    if (id == "L2" || id == "L3") {
      EXPECT_THAT(FiguresOf(group), IsEmpty()) << "it has no interval";
    }
    for (const SrWord& word : group.words) EXPECT_EQ(word.concept_code, "LESIONTYPE") << id;
  }
}

TEST_F(SrComparisonTest, ClassesAndFlagsAreTold) {
  made.result.follow_up->lesions[0].prior.volume_ml *= 3;
  made.result.follow_up->lesions[0].flags = {"reg_roundtrip", "may_be_gone"};
  const std::map<std::string, SrGroup> groups = Groups();
  EXPECT_THAT(groups.at("L1").words,
              ElementsAre(SrWord{"LESIONTYPE", "PLEXIFORM", ""}, SrWord{"CHANGECLASS", "19776001", ""},
                          SrWord{"CHANGEFLAG", "", "reg_roundtrip"}, SrWord{"CHANGEFLAG", "", "may_be_gone"},
                          SrWord{"PRIORDATE", "", "2025-03-04"}));
  EXPECT_THAT(FiguresOf(groups.at("L1")), testing::Contains("VOLUMECHANGE -50.00 %"));
  EXPECT_THAT(groups.at("L4").words, testing::Contains(SrWord{"CHANGECLASS", "STABLE", ""}));
  EXPECT_THAT(groups.at("L6").words, testing::Contains(SrWord{"CHANGECLASS", "NOT_FOUND", ""}));
  EXPECT_EQ(groups.at("L6").numbers.at(0).value, 0);
  EXPECT_THAT(FiguresOf(groups.at("L6")), ElementsAre("PRIORVOLUME 2.0000 mL"));
}

TEST_F(SrComparisonTest, AStableHasAReasonWhereItIsNotSure) {
  const auto is_reason = testing::Field(&SrWord::concept_code, "CHANGEREASON");
  made.result.lesions[3].interval->change_log_sd = 0.5;
  const std::string reason = FollowUpRows(made.result).at(2).change.reason;
  EXPECT_THAT(reason, HasSubstr("does not exclude a change of 20 % or more"));
  const std::map<std::string, SrGroup> groups = Groups();
  EXPECT_THAT(groups.at("L4").words,
              testing::IsSupersetOf({SrWord{"CHANGECLASS", "STABLE", ""}, SrWord{"CHANGEREASON", "", reason}}));
  EXPECT_THAT(groups.at("L5").words, testing::Contains(SrWord{"CHANGECLASS", "STABLE", ""}));
  EXPECT_THAT(groups.at("L5").words, Not(testing::Contains(is_reason))) << "its interval is narrow";
}

TEST_F(SrComparisonTest, ALesionOfThePriorAloneHasAGroupWithoutVolumeSegmentAndFinding) {
  const std::map<std::string, SrGroup> groups = Groups();
  ASSERT_THAT(groups, SizeIs(9)) << "six lesions, two of the prior and the total";
  for (const char* id : {"gone", "outside"}) {
    const SrGroup& group = groups.at(id);
    EXPECT_THAT(FiguresOf(group), ElementsAre("PRIORVOLUME 3.2500 mL")) << id;
    EXPECT_THAT(group.numbers, SizeIs(1)) << "no volume of today: it is not known to be 0";
    EXPECT_THAT(group.segments, IsEmpty());
    EXPECT_EQ(group.finding, "");
    EXPECT_EQ(group.site, "816094009") << "the newer code of the chest";
    EXPECT_EQ(group.laterality, "7771000");
  }
  EXPECT_EQ(groups.at("gone").tracking_uid, "1.2.840.98.1") << "that of the prior";
  EXPECT_THAT(groups.at("gone").words,
              ElementsAre(SrWord{"LESIONTYPE", "PLEXIFORM", ""}, SrWord{"CHANGECLASS", "NOT_FOUND", ""},
                          SrWord{"PRIORDATE", "", "2025-03-04"}));
  EXPECT_THAT(groups.at("outside").words,
              ElementsAre(SrWord{"LESIONTYPE", "PLEXIFORM", ""}, SrWord{"CHANGECLASS", "NOT_IMAGED", ""},
                          SrWord{"CHANGEFLAG", "", "not_imaged"}, SrWord{"PRIORDATE", "", "2025-03-04"},
                          SrWord{"PRIOROBJECT", "", "SOP Instance UID 1.2.840.77.6.1, ROI 8"}));
}

TEST_F(SrComparisonTest, OneWithoutATrackingOfItsOwnIsARemark) {
  made.result.follow_up->lesions.rbegin()[1].prior.tracking_uid = "1.2.840.99.2";  // that of lesion L2
  made.result.follow_up->lesions.rbegin()[0].prior.tracking_uid.clear();
  const SourceSeries series = made.Output()->series.at(0);
  const SrContent content = SrContentOf(made.result, TrackedLesionsOf(made.result, series), {}, {});
  EXPECT_THAT(content.lesions, SizeIs(6));
  EXPECT_THAT(content.remarks, testing::IsSupersetOf(
                                   {HasSubstr("Lesion gone of the prior study was not measured in this one: not_found"),
                                    HasSubstr("Lesion outside of the prior study was not measured in this one: "
                                              "not_imaged. In the prior study it had 3.2500 mL.")}));
  EXPECT_THAT(Groups(), SizeIs(7));
}

TEST_F(SrComparisonTest, ARemarkNamesThePrior) {
  const SourceSeries series = made.Output()->series.at(0);
  const std::vector<SegLesion> lesions = TrackedLesionsOf(made.result, series);
  EXPECT_THAT(
      SrContentOf(made.result, lesions, {}, {}).remarks,
      testing::Contains("Compared with the study of 2025-03-04: job 12, revision 2, SHA-256 of its result.json " +
                        std::string(64, 'e')));
  made.result.follow_up.reset();
  EXPECT_THAT(SrContentOf(made.result, lesions, {}, {}).remarks, Not(testing::Contains(HasSubstr("Compared"))));
}

TEST_F(SrComparisonTest, EveryCodeAndNumberFitsItsElement) {
  LesionResult& lesion = made.result.lesions[0];
  lesion.interval->high_ml = 123456789012345.678;
  lesion.interval->low_ml = 1e-9;
  made.result.follow_up->lesions[0].prior.volume_ml = std::numeric_limits<double>::infinity();
  for (const FollowUpRow& row : FollowUpRows(made.result)) {
    const SrComparison comparison = ComparisonOf(made.result, row);
    for (const SrFigure& figure : comparison.figures) {
      EXPECT_TRUE(IsHoldable(figure.what)) << figure.what.meaning;
      EXPECT_LE(figure.digits.size(), 16U);
      EXPECT_FALSE(figure.what.value == "PRIORVOLUME" && row.today == &lesion) << "infinite is no number";
    }
    for (const SrEvaluation& evaluation : comparison.evaluations) {
      EXPECT_TRUE(IsHoldable(evaluation.what)) << evaluation.what.meaning;
      EXPECT_TRUE(!evaluation.code || IsHoldable(*evaluation.code));
    }
  }
}

TEST_F(SrComparisonTest, EveryClassHasACodeThatFits) {
  std::set<std::string> codes;
  FollowUpRow row = FollowUpRows(made.result).at(0);
  for (int n = 0; n <= static_cast<int>(ChangeClass::kBelowMeasurable); ++n) {
    row.change.change = static_cast<ChangeClass>(n);
    const SrEvaluation word = ComparisonOf(made.result, row).evaluations.at(0);
    EXPECT_EQ(word.what.value, "CHANGECLASS");
    ASSERT_TRUE(word.code.has_value());
    EXPECT_TRUE(IsHoldable(*word.code)) << word.code->value;
    codes.insert(word.code->value);
  }
  EXPECT_THAT(codes, SizeIs(8));
}

TEST_F(SrComparisonTest, ALongReasonIsCutAndReadsBack) {
  made.result.lesions[1].no_interval = std::string(300, 'x') + " and more";
  std::string reason;
  const auto groups = Groups();
  for (const SrWord& word : groups.at("L2").words) {
    if (word.concept_code == "CHANGEREASON") reason = word.text;
  }
  EXPECT_EQ(reason.size(), kSrEvaluation);
}

TEST_F(SrComparisonTest, APreliminaryReportKeepsItsFlags) {
  made.result.is_preliminary = true;
  (void)Write(made, folder);
  const SrMeasurements sr = ReadMeasurements(ReadFileBytes(folder.path(), "dicom/sr.dcm", 1 << 30), "sr.dcm");
  EXPECT_EQ(sr.preliminary, "PRELIMINARY");
  EXPECT_EQ(sr.completion, "COMPLETE");
  EXPECT_EQ(sr.verification, "UNVERIFIED");
  EXPECT_EQ(sr.groups.back().tracking_id, kSrTotalId) << "the total stays the last";
}

// "NUM 118565006" of each content item of the measurement groups, a list a group.
void AddGroups(DcmItem& item, std::vector<std::vector<std::string>>& groups) {
  const auto text = [](DcmItem& from, const DcmTagKey& key) {
    OFString found;
    (void)from.findAndGetOFString(key, found);
    return std::string(found.c_str());
  };
  const auto name = [&](DcmItem& from) {
    DcmItem* code = nullptr;
    return from.findAndGetSequenceItem(DCM_ConceptNameCodeSequence, code, 0).good() ? text(*code, DCM_CodeValue) : "";
  };
  DcmSequenceOfItems* content = nullptr;
  if (item.findAndGetSequence(DCM_ContentSequence, content).bad() || content == nullptr) return;
  const bool is_group = name(item) == "125007";
  if (is_group) groups.emplace_back();
  for (unsigned long n = 0; n < content->card(); ++n) {
    DcmItem& child = *content->getItem(n);
    if (is_group) {
      groups.back().push_back(text(child, DCM_ValueType) + " " + name(child));
    } else {
      AddGroups(child, groups);
    }
  }
}

// The rows of TID 1411 and TID 1501: what names the lesion, measurements, evaluations.
TEST_F(SrComparisonTest, TheItemsOfAGroupStandInTheOrderOfTheirTemplates) {
  (void)Write(made, folder);
  DcmFileFormat file;
  ASSERT_TRUE(file.loadFile((folder.path() / "dicom/sr.dcm").c_str()).good());
  std::vector<std::vector<std::string>> groups;
  AddGroups(*file.getDataset(), groups);
  ASSERT_THAT(groups, SizeIs(9));
  EXPECT_THAT(groups[0], ElementsAre("TEXT 112039", "UIDREF 112040", "CODE 121071", "IMAGE 121191", "UIDREF 121232",
                                     "CODE 363698007", "NUM 118565006", "NUM VOLUMELOW90", "NUM VOLUMEHIGH90",
                                     "NUM PRIORVOLUME", "NUM VOLUMECHANGE", "NUM CHANGELOW95", "NUM CHANGEHIGH95",
                                     "CODE LESIONTYPE", "CODE CHANGECLASS", "TEXT PRIORDATE"));
  EXPECT_THAT(groups[7],
              ElementsAre("TEXT 112039", "UIDREF 112040", "CODE 363698007", "NUM PRIORVOLUME", "CODE LESIONTYPE",
                          "CODE CHANGECLASS", "TEXT CHANGEFLAG", "TEXT PRIORDATE", "TEXT PRIOROBJECT"));
}

TEST(SrComparisonOfStations, ALesionOnASeamHasItsComparisonOnce) {
  MadeStations made(6, 3, true);
  AddFollowUp(made.result);
  const TempFolder folder;
  (void)Write(made, folder);
  const SrGroup group = GroupsIn(folder).at("L1");
  EXPECT_THAT(group.segments, SizeIs(2));
  EXPECT_THAT(group.numbers, SizeIs(7));
  EXPECT_THAT(group.words, testing::Contains(SrWord{"CHANGECLASS", "15454001", ""}));
}

class SrComparisonValidity : public testing::TestWithParam<int> {};

TEST_P(SrComparisonValidity, HasNoErrorsAndIsReadByDsrdump) {
  if (!HasValidators()) GTEST_SKIP() << kNoValidators;
  MadeResult made(GetParam(), true, PutStudyOfAValidSeries);
  AddFollowUp(made.result);
  const TempFolder folder;
  std::vector<std::filesystem::path> objects;
  for (const std::string& name : Write(made, folder)) objects.push_back(folder.path() / name);
  ExpectValid(objects, made.root(), made.result.image.files);
  const std::string file = (folder.path() / "dicom/sr.dcm").string();
  if (std::system("command -v dsrdump > /dev/null") != 0) return;
  const std::string dump = OutputOf("dsrdump +Pc '" + file + "' 2>&1");
  EXPECT_THAT(dump, HasSubstr("(PRIORVOLUME,99DINSD,\"Volume in the prior study\")=\"3.2500\""));
  EXPECT_THAT(dump, HasSubstr("<inferred from COMPOSITE:(121112,DCM,\"Source of Measurement\")"));
  EXPECT_THAT(dump, Not(HasSubstr("E: ")));
}

INSTANTIATE_TEST_SUITE_P(Lesions, SrComparisonValidity, testing::Values(0, 1, 17, 300));

}  // namespace
}  // namespace dinsd
