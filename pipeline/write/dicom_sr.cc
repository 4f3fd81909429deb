#include "pipeline/write/dicom_sr.h"

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcuid.h>
#include <dcmtk/dcmsr/cmr/tid1500.h>
#include <dcmtk/dcmsr/dsrdoc.h>

#include <algorithm>
#include <set>
#include <span>
#include <stdexcept>

#include "pipeline/read/dicom_data_set.h"
#include "pipeline/read/digest.h"
#include "pipeline/write/dicom_item.h"
#include "pipeline/write/dicom_object.h"
#include "pipeline/write/dicom_uid.h"

namespace dinsd {
namespace {

constexpr std::size_t kLongText = 64;    // characters of LO
constexpr std::size_t kSentence = 1024;  // of a remark

void Must(const OFCondition& condition, const char* what) {
  if (condition.bad()) throw std::runtime_error(std::string("DICOM SR: cannot set ") + what + ": " + condition.text());
}

DSRCodedEntryValue Coded(const DicomCode& code) {
  return {code.value.c_str(), code.scheme.c_str(), code.meaning.c_str()};
}

const DicomCode kComment{"121106", "DCM", "Comment"};
const DicomCode kKindOfLesion{"LESIONTYPE", kOwnCodingScheme, "Type of neurofibroma"};
const DicomCode kLaterality{"272741003", "SCT", "Laterality"};
const DicomCode kSource{"121112", "DCM", "Source of Measurement"};
const DicomCode kTimePoint{"C2348792", "UMLS", "Time Point"};
const DicomCode kTimePointId{"126070", "DCM", "Subject Time Point Identifier"};
const DicomCode kTimePointOrder{"126073", "DCM", "Time Point Order"};
const DicomCode kNoUnits{"1", "UCUM", "no units"};

DSRImageReferenceValue ReferenceTo(const SrSegment& segment) {
  DSRImageReferenceValue reference(UID_SegmentationStorage, segment.sop_instance_uid.c_str());
  reference.getSegmentList().addItem(static_cast<Uint16>(segment.number));
  return reference;
}

std::string EvaluationText(const std::string& text, const SourceSeries& series) {
  const std::string safe = TextFor(*series.header, text, kSrEvaluation);
  const std::size_t first = safe.find_first_not_of(' ');
  return first == std::string::npos ? "" : safe.substr(first, safe.find_last_not_of(' ') - first + 1);
}

class Report {
 public:
  Report(const SrContent& content, const std::vector<SourceSeries>& series, const SegFacts& facts,
         const DicomCodes& codes)
      : content_(content),
        all_series_(series),
        series_(series.front()),
        facts_(facts),
        codes_(codes),
        report_(CMR_CID7021(CMR_CID7021::ImagingMeasurementReport)) {}

  std::string Write() {
    AddContext();
    AddImages();
    for (const SrLesion& lesion : content_.lesions) AddLesion(lesion);
    if (content_.has_total) AddTotal();
    for (const std::string& remark : content_.remarks)
      Must(report_.addQualitativeEvaluation(Coded(kComment), TextOf(remark)), "a remark");
    DcmDataset data;
    WriteDocument(data);
    PutHeader(data);
    PutUids(facts_.key, data);
    const std::string bytes = BytesOfDicomFile(data);
    if (!facts_.key.empty()) return bytes;
    PutUids(Sha256Hex(std::as_bytes(std::span(bytes))), data);
    return BytesOfDicomFile(data);
  }

 private:
  using Volumetric = CMR_TID1500::TID1411_Measurements;
  using Individual = CMR_TID1500::TID1501_Measurements;
  using Value = Individual::MeasurementValue;

  void PutUids(const std::string& key, DcmDataset& data) const {
    const std::string of = " " + key + " " + series_.series_uid;
    PutText(data, DCM_SOPInstanceUID, UidOfText("dinsd sr instance" + of));
    PutText(data, DCM_SeriesInstanceUID, UidOfText("dinsd sr series" + of));
  }

  [[nodiscard]] OFString TextOf(const std::string& text) const {
    return TextFor(*series_.header, text, kSentence).c_str();
  }

  void AddContext() {
    Must(report_.setLanguage(CID5000_Languages::English), "the language");
    Must(report_.getObservationContext().addDeviceObserver(UidOfText("dinsd observer " + facts_.software).c_str(),
                                                           "dinsd", "dinsd", "dinsd", "0"),
         "the observer");
    Must(report_.addProcedureReported(CMR_CID100(Coded(codes_.procedure)), false), "the procedure");
  }

  // Calls visit(series, its images), each image once: an enhanced one holds many slices, and may hold two stations.
  template <typename Visit>
  void ForImages(const Visit& visit) const {
    std::set<std::string> seen;
    for (const SourceSeries& series : all_series_) {
      std::vector<const SourceSlice*> images;
      for (const SourceSlice& slice : series.slices) {
        if (seen.insert(slice.sop_instance_uid).second) images.push_back(&slice);
      }
      if (!images.empty()) visit(series, images);
    }
  }

  void AddImages() {
    if (std::all_of(all_series_.begin(), all_series_.end(), [](const SourceSeries& s) { return s.slices.empty(); }))
      return;
    TID1600_ImageLibrary& library = report_.getImageLibrary();
    Must(library.createNewImageLibrary(), "the image library");
    ForImages([&](const SourceSeries& series, const std::vector<const SourceSlice*>& images) {
      Must(library.addImageGroup(), "an image group");
      DcmDataset header(*series.header);
      for (const SourceSlice* image : images) {
        PutText(header, DCM_SOPClassUID, image->sop_class_uid);
        PutText(header, DCM_SOPInstanceUID, image->sop_instance_uid);
        Must(library.addImageEntry(header, TID1600_ImageLibrary::withoutDescriptors), "an image");
      }
    });
  }

  [[nodiscard]] static Value Millilitres(double volume_ml) {
    Value value(DecimalString(volume_ml).c_str(), DSRCodedEntryValue("mL", "UCUM", "milliliter"), false);
    Must(value.setFloatingPointRepresentation(volume_ml), "a volume");
    return value;
  }

  // What both templates of a group have.
  template <typename Group>
  void Describe(const SrLesion& lesion, Group& group) {
    const LesionTracking tracking = TrackingOf(lesion.lesion, series_);
    Must(group.setTrackingIdentifier(tracking.id.c_str()), "a tracking identifier");
    Must(group.setTrackingUniqueIdentifier(tracking.uid.c_str()), "a tracking UID");
    if (lesion.volume_ml || lesion.is_found) Must(group.setFinding(Coded(codes_.finding)), "a finding");
    AddSite(lesion.lesion, group);
    if (lesion.kind)
      Must(group.addQualitativeEvaluation(Coded(kKindOfLesion), Coded(*lesion.kind)), "the type of a lesion");
    if (lesion.time_point) AddTimePoint(*lesion.time_point, group);
  }

  // The library has row 3 of TID 1502 alone; the others are put round it once all that it puts behind it is there.
  template <typename Group>
  void AddTimePoint(const SrTimePoint& point, Group& group) {
    Must(group.setTimePoint(point.point.c_str()), "a timepoint");
    const auto add = [&](DSRTypes::E_ValueType type, DSRTypes::E_AddMode where, const DicomCode& what, auto set) {
      if (group.gotoNamedNode(Coded(kTimePoint)) == 0) throw std::runtime_error("DICOM SR: a timepoint is not there");
      Must(group.addExtraContentItem(DSRTypes::RT_hasObsContext, type, where), "a timepoint");
      DSRContentItem& item = group.getCurrentContentItem();
      Must(item.setConceptName(Coded(what)), "a timepoint");
      Must(set(item), "a timepoint");
    };
    if (!point.study_id.empty()) {
      add(DSRTypes::VT_Text, DSRTypes::AM_beforeCurrent, kTimePointId,
          [&](DSRContentItem& item) { return item.setStringValue(point.study_id.c_str()); });
    }
    if (point.order > 0) {
      const DSRNumericMeasurementValue order(std::to_string(point.order).c_str(), Coded(kNoUnits));
      add(DSRTypes::VT_Num, DSRTypes::AM_afterCurrent, kTimePointOrder,
          [&](DSRContentItem& item) { return item.setNumericValue(order); });
    }
  }

  // A side without a site has no place in the template but as an evaluation.
  template <typename Group>
  void AddSite(const SegLesion& lesion, Group& group) {
    const bool has_site = lesion.site && IsHoldable(*lesion.site);
    const DSRCodedEntryValue side = SideOf(lesion.laterality);
    if (has_site) {
      DicomCode site = *lesion.site;
      site.meaning = TextFor(*series_.header, site.meaning, kLongText);
      Must(group.addFindingSite(Coded(site), CID244e_Laterality(side), DSRCodedEntryValue(), false), "a site");
    } else if (!side.isEmpty()) {
      Must(group.addQualitativeEvaluation(Coded(kLaterality), side), "a side");
    }
  }

  [[nodiscard]] DSRCodedEntryValue SideOf(const std::string& laterality) const {
    if (laterality == "L") return Coded(codes_.left);
    if (laterality == "R") return Coded(codes_.right);
    return laterality == "B" ? Coded(codes_.both_sides) : DSRCodedEntryValue();
  }

  void AddLesion(const SrLesion& lesion) {
    if (lesion.segments.size() != 1) return AddIndividual(lesion);
    Must(report_.addVolumetricROIMeasurements(), "a measurement group");
    Volumetric& group = report_.getVolumetricROIMeasurements();
    Must(group.setReferencedSegment(ReferenceTo(lesion.segments.front())), "a segment");
    Must(group.setSourceSeriesForSegmentation(lesion.series_uid.c_str()), "the source series");
    Describe(lesion, group);
    AddVolume(lesion, group);
    AddAlgorithm(group.getMeasurement());
    AddComparison(lesion.comparison, group);
  }

  template <typename Group>
  void AddVolume(const SrLesion& lesion, Group& group) {
    if (!lesion.volume_ml) return;
    Must(group.addMeasurement(CMR_CID7469(Coded(codes_.volume)), Millilitres(*lesion.volume_ml), true, false),
         "a volume");
  }

  // The library puts a measurement behind the last one and before the evaluations, as the rows of the templates are.
  template <typename Group>
  void AddComparison(const SrComparison& comparison, Group& group) {
    for (const SrFigure& figure : comparison.figures) {
      const Value value(figure.digits.c_str(), Coded(figure.unit), false);
      Must(group.addMeasurement(CMR_CID7469(Coded(figure.what)), value, true, false), "a figure of the comparison");
      if (figure.is_total) SetTotal(group.getMeasurement());
      for (const SrReference& source : ReferencesOf(figure)) AddSource(source, group.getMeasurement());
    }
    for (const SrEvaluation& evaluation : comparison.evaluations) {
      if (evaluation.code) {
        Must(group.addQualitativeEvaluation(Coded(evaluation.what), Coded(*evaluation.code)), "an evaluation");
        continue;
      }
      const OFString text = EvaluationText(evaluation.text, series_).c_str();
      if (!text.empty()) Must(group.addQualitativeEvaluation(Coded(evaluation.what), text), "an evaluation");
    }
  }

  // An extra item, as TID 300 and TID 1419 allow: the latter has no row for it.
  template <typename Measurement>
  void AddSource(const SrReference& source, Measurement& measurement) {
    const bool is_image = source.segment > 0;
    measurement.gotoRoot();
    Must(measurement.addExtraContentItem(DSRTypes::RT_inferredFrom,
                                         is_image ? DSRTypes::VT_Image : DSRTypes::VT_Composite,
                                         DSRTypes::AM_belowCurrent),
         "an object");
    DSRContentItem& item = measurement.getCurrentContentItem();
    Must(item.setConceptName(Coded(kSource)), "an object");
    const DSRCompositeReferenceValue object(source.sop_class_uid.c_str(), source.sop_instance_uid.c_str());
    Must(is_image ? item.setImageReference(ReferenceTo(SrSegment{source.sop_instance_uid, source.segment}))
                  : item.setCompositeReference(object),
         "an object");
  }

  void AddAlgorithm(Volumetric::TID1419_Measurement& measurement) {
    Must(measurement.setAlgorithmIdentification(TextOf(facts_.algorithm), TextOf(facts_.software)), "the algorithm");
    if (facts_.weights_sha256.empty()) return;
    TID4019_AlgorithmIdentification& algorithm = measurement.getAlgorithmIdentification();
    Must(algorithm.addParameter(TextOf("weights " + facts_.weights_name)), "the weights");
    Must(algorithm.addParameter(TextOf("weights SHA-256 " + facts_.weights_sha256)), "the weights");
  }

  // An empty lesion, a result without a segmentation, one that lies in several series, or one of the prior alone.
  void AddIndividual(const SrLesion& lesion) {
    Must(report_.addIndividualMeasurements(), "a measurement group");
    Individual& group = report_.getIndividualMeasurements();
    Describe(lesion, group);
    AddVolume(lesion, group);
    for (const SrSegment& segment : lesion.segments)
      Must(group.getMeasurement().addImage(Coded(kSource), ReferenceTo(segment)), "a segment");
    AddComparison(lesion.comparison, group);
  }

  void AddTotal() {
    Must(report_.addIndividualMeasurements(), "a measurement group");
    Individual& group = report_.getIndividualMeasurements();
    Must(group.setTrackingIdentifier(kSrTotalId), "the total");
    Must(group.setTrackingUniqueIdentifier(
             UidOfText("dinsd total " + series_.study_uid + " " + series_.series_uid).c_str()),
         "the total");
    Must(group.setFinding(Coded(codes_.finding)), "a finding");
    Must(group.addMeasurement(CMR_CID7469(Coded(codes_.volume)), Millilitres(content_.total_ml), true, false),
         "the total");
    SetTotal(group.getMeasurement());
  }

  template <typename Measurement>
  void SetTotal(Measurement& measurement) {
    Must(measurement.setDerivation(CMR_CID7464(CMR_CID7464::Total)), "a total");
  }

  void AddEvidence(DSRDocument& document) const {
    DSRSOPInstanceReferenceList& evidence = document.getCurrentRequestedProcedureEvidence();
    for (const WrittenSeg& seg : content_.segs) {
      Must(evidence.addItem(series_.study_uid.c_str(), seg.series_uid.c_str(), UID_SegmentationStorage,
                            seg.sop_instance_uid.c_str()),
           "a reference");
    }
    ForImages([&](const SourceSeries& series, const std::vector<const SourceSlice*>& images) {
      for (const SourceSlice* image : images) {
        Must(evidence.addItem(series.study_uid.c_str(), series.series_uid.c_str(), image->sop_class_uid.c_str(),
                              image->sop_instance_uid.c_str()),
             "a reference");
      }
    });
  }

  // What numbers were measured in, by the study that it belongs to.
  void AddSourceEvidence(DSRDocument& document) const {
    for (const SrLesion& lesion : content_.lesions) {
      for (const SrFigure& figure : lesion.comparison.figures) {
        for (const ObjectPart& object : figure.sources) {
          DSRSOPInstanceReferenceList& evidence = object.study_uid == series_.study_uid
                                                      ? document.getCurrentRequestedProcedureEvidence()
                                                      : document.getPertinentOtherEvidence();
          Must(evidence.addItem(object.study_uid.c_str(), object.series_uid.c_str(), object.sop_class_uid.c_str(),
                                object.sop_instance_uid.c_str()),
               "a reference to what was measured");
        }
      }
    }
  }

  void WriteDocument(DcmDataset& data) {
    DSRDocument document;
    Must(document.createNewDocument(DSRTypes::DT_EnhancedSR), "the document");
    Must(document.setTreeFromRootTemplate(report_, true), "the content");
    AddEvidence(document);
    AddSourceEvidence(document);
    DSRCodingSchemeIdentificationList& schemes = document.getCodingSchemeIdentification();
    Must(schemes.addItem(kOwnCodingScheme), "the coding scheme");
    Must(schemes.setCodingSchemeName("dinsd"), "the coding scheme");
    Must(schemes.setCodingSchemeResponsibleOrganization("dinsd"), "the coding scheme");
    Must(document.setPreliminaryFlag(facts_.is_preliminary ? DSRTypes::PF_Preliminary : DSRTypes::PF_Final),
         "PreliminaryFlag");
    Must(document.completeDocument(), "CompletionFlag");
    Must(document.write(data), "the document");
  }

  // The library names the instance at random and by the clock.
  void PutHeader(DcmDataset& data) const {
    CopyPatientAndStudy(series_, data);
    for (const DcmTagKey& key : {DCM_FrameOfReferenceUID, DCM_PositionReferenceIndicator, DCM_InstanceCreationDate,
                                 DCM_InstanceCreationTime, DCM_InstanceCreatorUID, DCM_TimezoneOffsetFromUTC})
      delete data.remove(key);
    const auto [date, time] = DateAndTime(facts_.created);
    PutText(data, DCM_SeriesNumber, content_.series_number);
    PutText(data, DCM_SeriesDescription, TitleOf(content_.title, facts_));
    for (const DcmTagKey& key : {DCM_SeriesDate, DCM_ContentDate}) PutText(data, key, date);
    for (const DcmTagKey& key : {DCM_SeriesTime, DCM_ContentTime}) PutText(data, key, time);
    PutText(data, DCM_InstanceNumber, "1");
    PutText(data, DCM_Manufacturer, "dinsd");
    PutText(data, DCM_ManufacturerModelName, "dinsd");
    PutText(data, DCM_DeviceSerialNumber, "0");
    PutText(data, DCM_SoftwareVersions, TextFor(*series_.header, facts_.software, kLongText));
  }

  const SrContent& content_;
  const std::vector<SourceSeries>& all_series_;
  const SourceSeries& series_;  // the first of them
  const SegFacts& facts_;
  const DicomCodes& codes_;
  CMR_TID1500 report_;
};

}  // namespace

std::string MeasurementsToSr(const SrContent& content, const std::vector<SourceSeries>& series, const SegFacts& facts,
                             const DicomCodes& codes) {
  if (series.empty()) throw std::invalid_argument("MeasurementsToSr: no series");
  return Report(content, series, facts, codes).Write();
}

std::vector<SrReference> ReferencesOf(const SrFigure& figure) {
  std::vector<SrReference> references;
  for (const ObjectPart& object : figure.sources) {
    const int segment = object.sop_class_uid == UID_SegmentationStorage ? static_cast<int>(object.number) : 0;
    references.push_back({object.sop_class_uid, object.sop_instance_uid, segment});
  }
  return references;
}

std::vector<SrWord> WordsOf(const SrLesion& lesion, const SourceSeries& series) {
  std::vector<SrWord> words;
  if (lesion.kind) words.push_back({kKindOfLesion.value, lesion.kind->value, ""});
  for (const SrEvaluation& evaluation : lesion.comparison.evaluations) {
    SrWord word{evaluation.what.value, "", ""};
    if (evaluation.code) {
      word.code = evaluation.code->value;
    } else {
      word.text = EvaluationText(evaluation.text, series);
    }
    if (!word.code.empty() || !word.text.empty()) words.push_back(std::move(word));
  }
  return words;
}

}  // namespace dinsd
