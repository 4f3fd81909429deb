#include "pipeline/read/dicom_measurements.h"

#include <gtest/gtest.h>

#include <functional>

#include "pipeline/read/input_error.h"
#include "tests/pipeline/read/dicom_maker.h"

namespace dinsd {
namespace {

DcmItem& Add(DcmItem& item, const DcmTagKey& sequence) {
  DcmItem* added = nullptr;
  if (item.findOrCreateSequenceItem(sequence, added, -2).bad()) throw std::runtime_error("no item");
  return *added;
}

void AddCode(DcmItem& item, const DcmTagKey& sequence, const char* value) {
  Add(item, sequence).putAndInsertString(DCM_CodeValue, value);
}

DcmItem& AddContent(DcmItem& parent, const char* type, const char* name) {
  DcmItem& item = Add(parent, DCM_ContentSequence);
  item.putAndInsertString(DCM_ValueType, type);
  AddCode(item, DCM_ConceptNameCodeSequence, name);
  return item;
}

// A measurement group as another program may write it, `depth` containers deep.
DcmDataset MakeReport(int depth = 1, const std::function<void(DcmItem&)>& edit_value = {}) {
  DcmDataset data;
  Put(data, DCM_SOPClassUID, UID_ComprehensiveSRStorage);
  Put(data, DCM_SOPInstanceUID, "1.2.3.7");
  Put(data, DCM_StudyInstanceUID, "1.2.3");
  Put(data, DCM_SeriesInstanceUID, "1.2.3.6");
  Put(data, DCM_PatientID, "P1");
  Put(data, DCM_CompletionFlag, "PARTIAL");
  DcmItem* place = &data;
  for (int n = 0; n < depth; ++n) place = &AddContent(*place, "CONTAINER", "126010");
  DcmItem& group = AddContent(*place, "CONTAINER", "125007");
  AddContent(group, "TEXT", "112039").putAndInsertString(DCM_TextValue, "L1");
  AddContent(group, "UIDREF", "112040").putAndInsertString(DCM_UID, "1.2.3.5");
  DcmItem& number = AddContent(group, "NUM", "118565006");
  DcmItem& value = Add(number, DCM_MeasuredValueSequence);
  value.putAndInsertString(DCM_NumericValue, "1.5");
  AddCode(value, DCM_MeasurementUnitsCodeSequence, "mm3");
  if (edit_value) edit_value(value);
  return data;
}

SrMeasurements Read(DcmDataset data) {
  const std::string bytes = FileOf(data);
  return ReadMeasurements(std::as_bytes(std::span(bytes)), "sr.dcm");
}

std::string CodeOf(const std::function<void()>& read) {
  try {
    read();
  } catch (const InputError& error) {
    return error.code();
  }
  return "";
}

void AddSegment(DcmItem& parent, const char* name, const char* uid, int number) {
  DcmItem& reference = Add(AddContent(parent, "IMAGE", name), DCM_ReferencedSOPSequence);
  reference.putAndInsertString(DCM_ReferencedSOPInstanceUID, uid);
  if (number > 0) reference.putAndInsertUint16(DCM_ReferencedSegmentNumber, static_cast<Uint16>(number));
}

TEST(DicomMeasurements, ASegmentIsNamedByTheGroupOrByItsNumber) {
  DcmDataset data = MakeReport(0);
  DcmItem *group = nullptr, *number = nullptr;
  ASSERT_TRUE(data.findAndGetSequenceItem(DCM_ContentSequence, group, 0).good());
  ASSERT_TRUE(group->findAndGetSequenceItem(DCM_ContentSequence, number, 2).good());
  AddSegment(*number, "121112", "1.2.8", 3);
  AddSegment(*number, "121112", "1.2.9", 1);
  AddSegment(*number, "121112", "1.2.10", 0);  // an image
  AddSegment(*group, "121191", "1.2.9", 1);    // the same again
  EXPECT_EQ(Read(data).groups.at(0).segments, (std::vector<SrSegment>{{"1.2.8", 3}, {"1.2.9", 1}}));
}

// In a scheme of its own; `scheme` is that of the concept.
DcmItem& AddWord(DcmItem& group, const char* type, const char* name, const char* scheme) {
  DcmItem& item = AddContent(group, type, name);
  DcmItem* code = nullptr;
  if (item.findAndGetSequenceItem(DCM_ConceptNameCodeSequence, code, 0).bad()) throw std::runtime_error("no concept");
  code->putAndInsertString(DCM_CodingSchemeDesignator, scheme);
  return item;
}

TEST(DicomMeasurements, WhatANumberOfTheOwnSchemeWasMeasuredInIsNoSegmentOfTheGroup) {
  DcmDataset data = MakeReport(0);
  DcmItem* group = nullptr;
  ASSERT_TRUE(data.findAndGetSequenceItem(DCM_ContentSequence, group, 0).good());
  for (const char* scheme : {"99DINSD", "99OTHER"}) {
    DcmItem& number = AddWord(*group, "NUM", "PRIORVOLUME", scheme);
    DcmItem& value = Add(number, DCM_MeasuredValueSequence);
    value.putAndInsertString(DCM_NumericValue, "2.5");
    AddCode(value, DCM_MeasurementUnitsCodeSequence, "mL");
    AddSegment(number, "121112", scheme == std::string("99DINSD") ? "1.2.20" : "1.2.21", 4);
    AddSegment(number, "121112", "1.2.22", 0);
  }
  const SrGroup read = Read(data).groups.at(0);
  EXPECT_EQ(read.segments, (std::vector<SrSegment>{{"1.2.21", 4}}));
  ASSERT_EQ(read.numbers.size(), 3U);
  EXPECT_TRUE(read.numbers[0].sources.empty());
  EXPECT_EQ(read.numbers[1].sources, (std::vector<SrReference>{{"", "1.2.20", 4}, {"", "1.2.22", 0}}));
}

TEST(DicomMeasurements, WhatAGroupSaysInTheOwnSchemeIsReadInItsOrder) {
  DcmDataset data = MakeReport(0);
  DcmItem* group = nullptr;
  ASSERT_TRUE(data.findAndGetSequenceItem(DCM_ContentSequence, group, 0).good());
  AddCode(AddWord(*group, "CODE", "CHANGECLASS", "99DINSD"), DCM_ConceptCodeSequence, "STABLE");
  AddCode(AddWord(*group, "CODE", "CHANGECLASS", "99OTHER"), DCM_ConceptCodeSequence, "NEW");
  AddWord(*group, "TEXT", "NOTE", "99OTHER").putAndInsertString(DCM_TextValue, std::string(2000, 'x').c_str());
  AddWord(*group, "TEXT", "PRIORDATE", "99DINSD").putAndInsertString(DCM_TextValue, "2025-03-04");
  EXPECT_EQ(Read(data).groups.at(0).words,
            (std::vector<SrWord>{{"CHANGECLASS", "STABLE", ""}, {"PRIORDATE", "", "2025-03-04"}}));
}

TEST(DicomMeasurements, FindsGroupsHoweverDeepTheyLie) {
  for (const int depth : {0, 1, 4}) {
    const SrMeasurements read = Read(MakeReport(depth));
    ASSERT_EQ(read.groups.size(), 1U) << depth;
    EXPECT_EQ(read.groups[0].tracking_id, "L1");
    EXPECT_EQ(read.groups[0].tracking_uid, "1.2.3.5");
    ASSERT_EQ(read.groups[0].numbers.size(), 1U);
    EXPECT_EQ(read.groups[0].numbers[0].value, 1.5);
    EXPECT_EQ(read.groups[0].numbers[0].unit, "mm3");
    EXPECT_EQ(read.completion, "PARTIAL");
    EXPECT_EQ(read.preliminary, "");
    EXPECT_EQ(read.sop_instance_uid, "1.2.3.7");
  }
}

TEST(DicomMeasurements, TheBinaryNumberGoesBeforeItsText) {
  const auto exact = [](DcmItem& value) { value.putAndInsertFloat64(DCM_FloatingPointValue, 1.0 / 3); };
  EXPECT_EQ(Read(MakeReport(1, exact)).groups[0].numbers[0].value, 1.0 / 3);
}

TEST(DicomMeasurements, ANumberThatIsNoneIsRefused) {
  const std::vector<std::function<void(DcmItem&)>> edits = {
      [](DcmItem& value) { value.putAndInsertString(DCM_NumericValue, "1\\2"); },
      [](DcmItem& value) { value.putAndInsertString(DCM_NumericValue, "much"); },
      [](DcmItem& value) { delete value.remove(DCM_NumericValue); },
      [](DcmItem& value) { delete value.remove(DCM_MeasurementUnitsCodeSequence); }};
  for (const auto& edit : edits) EXPECT_EQ(CodeOf([&] { (void)Read(MakeReport(1, edit)); }), "SR_NUMBER");
}

TEST(DicomMeasurements, AnotherObjectIsRefused) {
  EXPECT_EQ(CodeOf([] { (void)Read(MakeDataSet(0)); }), "WRONG_SOP_CLASS");
  EXPECT_EQ(CodeOf([] { (void)ReadMeasurements({}, "sr.dcm"); }), "NOT_DICOM");
}

}  // namespace
}  // namespace dinsd
