#include "pipeline/read/dicom_measurements.h"

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <algorithm>

#include "pipeline/read/dicom_data_set.h"
#include "pipeline/read/dicom_prescan.h"
#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

constexpr DicomPrescanLimits kLimits{.max_elements = 2'000'000};  // a lesion takes some two to four hundred

bool IsReportClass(const std::string& sop_class_uid) {
  for (const char* known :
       {UID_BasicTextSRStorage, UID_EnhancedSRStorage, UID_ComprehensiveSRStorage, UID_Comprehensive3DSRStorage}) {
    if (sop_class_uid == known) return true;
  }
  return false;
}

// The code of the first item of a code sequence; empty: none.
std::string CodeIn(const DicomValues& item, const DcmTagKey& sequence) {
  const std::vector<DcmItem*> codes = item.Items(sequence);
  return codes.empty() ? "" : item.Of(*codes.front()).Text(DCM_CodeValue, "CodeValue");
}

std::string ConceptOf(const DicomValues& item) {
  return CodeIn(item, DCM_ConceptNameCodeSequence);
}

bool IsOwnConcept(const DicomValues& item) {
  const std::vector<DcmItem*> codes = item.Items(DCM_ConceptNameCodeSequence);
  return !codes.empty() &&
         item.Of(*codes.front()).Text(DCM_CodingSchemeDesignator, "CodingSchemeDesignator") == kOwnCodingScheme;
}

class ReportFile {
 public:
  ReportFile(std::span<const std::byte> bytes, std::string file) : file_(std::move(file)) {
    const DicomLayout layout = PrescanDicom(bytes, file_, kLimits);
    if (layout.error) throw InputError(*layout.error);
    if (!IsReportClass(layout.sop_class_uid)) {
      throw InputError("WRONG_SOP_CLASS", file_, "SOPClassUID",
                       "is " + layout.sop_class_uid + ", a structured report was expected");
    }
    data_set_ = LoadDataSet(bytes, layout, DicomPart::kWhole, file_);
  }

  SrMeasurements Read() {
    const DicomValues root(*data_set_, file_);
    read_.study_uid = root.Text(DCM_StudyInstanceUID, "StudyInstanceUID");
    read_.series_uid = root.Text(DCM_SeriesInstanceUID, "SeriesInstanceUID");
    read_.sop_instance_uid = root.Text(DCM_SOPInstanceUID, "SOPInstanceUID");
    read_.completion = root.Text(DCM_CompletionFlag, "CompletionFlag");
    read_.verification = root.Text(DCM_VerificationFlag, "VerificationFlag");
    read_.preliminary = root.Text(DCM_PreliminaryFlag, "PreliminaryFlag");
    Visit(root);
    return std::move(read_);
  }

 private:
  // As deep as the pre-scan lets a file be nested.
  void Visit(const DicomValues& parent) {
    for (DcmItem* child : parent.Items(DCM_ContentSequence)) {
      const DicomValues item = parent.Of(*child);
      if (item.Text(DCM_ValueType, "ValueType") == "CONTAINER" && ConceptOf(item) == "125007") {
        AddGroup(item);
      } else {
        Visit(item);
      }
    }
  }

  void AddGroup(const DicomValues& container) {
    SrGroup group;
    for (DcmItem* child : container.Items(DCM_ContentSequence)) {
      const DicomValues item = container.Of(*child);
      const std::string type = item.Text(DCM_ValueType, "ValueType");
      const std::string name = ConceptOf(item);
      if (name == "112039") group.tracking_id = item.Text(DCM_TextValue, "TextValue");
      if (name == "112040") group.tracking_uid = item.Text(DCM_UID, "UID");
      if (name == "C2348792") PointOf(group).point = item.Text(DCM_TextValue, "TextValue");
      if (name == "126070") PointOf(group).study_id = item.Text(DCM_TextValue, "TextValue");
      if (name == "121071") group.finding = CodeIn(item, DCM_ConceptCodeSequence);
      if (name == "363698007") AddSite(item, group);
      if (name == "272741003") group.laterality = CodeIn(item, DCM_ConceptCodeSequence);
      if (type == "IMAGE" && name == "121191") AddSegment(ReferenceIn(item), group);
      if ((type == "CODE" || type == "TEXT") && IsOwnConcept(item))
        group.words.push_back({name, CodeIn(item, DCM_ConceptCodeSequence), item.Text(DCM_TextValue, "TextValue")});
      if (type == "NUM" && name == "126073") PointOf(group).order = OrderOf(NumberIn(item, group).value);
      if (type == "NUM" && name != "126073") group.numbers.push_back(NumberIn(item, group));
    }
    read_.groups.push_back(std::move(group));
  }

  static SrTimePoint& PointOf(SrGroup& group) {
    if (!group.time_point) group.time_point.emplace();
    return *group.time_point;
  }

  static int OrderOf(double value) {
    constexpr double kMost = 1e6;  // no patient has more timepoints
    return value >= 1 && value <= kMost ? static_cast<int>(value) : 0;
  }

  static void AddSite(const DicomValues& item, SrGroup& group) {
    group.site = CodeIn(item, DCM_ConceptCodeSequence);
    for (DcmItem* child : item.Items(DCM_ContentSequence)) {
      const DicomValues modifier = item.Of(*child);
      if (ConceptOf(modifier) == "272741003") group.laterality = CodeIn(modifier, DCM_ConceptCodeSequence);
    }
  }

  static SrReference ReferenceIn(const DicomValues& item) {
    const std::vector<DcmItem*> references = item.Items(DCM_ReferencedSOPSequence);
    if (references.empty()) return {};
    const DicomValues reference = item.Of(*references.front());
    return {reference.Text(DCM_ReferencedSOPClassUID, "ReferencedSOPClassUID"),
            reference.Text(DCM_ReferencedSOPInstanceUID, "ReferencedSOPInstanceUID"),
            reference.Unsigned(DCM_ReferencedSegmentNumber)};
  }

  // Once each, whatever names it; an image without a segment is none.
  static void AddSegment(const SrReference& reference, SrGroup& group) {
    const SrSegment segment{reference.sop_instance_uid, reference.segment};
    const bool is_known = std::count(group.segments.begin(), group.segments.end(), segment) > 0;
    if (segment.number > 0 && !is_known) group.segments.push_back(segment);
  }

  SrNumber NumberIn(const DicomValues& item, SrGroup& group) const {
    SrNumber number{.concept_code = ConceptOf(item)};
    const std::vector<DcmItem*> values = item.Items(DCM_MeasuredValueSequence);
    if (values.empty()) Refuse("has no value");
    const DicomValues value = item.Of(*values.front());
    number.text = value.Text(DCM_NumericValue, "NumericValue");
    const std::vector<double> stated = value.Numbers(DCM_NumericValue, "NumericValue");
    number.unit = CodeIn(value, DCM_MeasurementUnitsCodeSequence);
    if (stated.size() != 1 || number.unit.empty() || number.concept_code.empty())
      Refuse("is none, or has no unit or concept");
    number.value = value.Number(DCM_FloatingPointValue, "FloatingPointValue").value_or(stated.front());
    for (DcmItem* child : item.Items(DCM_ContentSequence)) {
      const DicomValues modifier = item.Of(*child);
      if (ConceptOf(modifier) == "121401") number.derivation = CodeIn(modifier, DCM_ConceptCodeSequence);
      if (ConceptOf(modifier) == "121112") number.sources.push_back(ReferenceIn(modifier));
    }
    if (IsOwnConcept(item)) return number;  // of the prior study, perhaps
    for (const SrReference& source : number.sources) AddSegment(source, group);
    return number;
  }

  [[noreturn]] void Refuse(const char* why) const {
    throw InputError("SR_NUMBER", file_, "MeasuredValueSequence",
                     "number of measurement group " + std::to_string(read_.groups.size() + 1) + " " + why);
  }

  std::string file_;
  std::unique_ptr<DcmDataset> data_set_;
  SrMeasurements read_;
};

}  // namespace

SrMeasurements ReadMeasurements(std::span<const std::byte> bytes, const std::string& file) {
  return ReportFile(bytes, file).Read();
}

}  // namespace dinsd
