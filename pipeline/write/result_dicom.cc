#include "pipeline/write/result_dicom.h"

#include <algorithm>
#include <span>
#include <system_error>
#include <utility>

#include "pipeline/read/digest.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/station_image.h"
#include "pipeline/report/pictures.h"
#include "pipeline/write/check_result_dicom.h"
#include "pipeline/write/dicom_capture.h"
#include "pipeline/write/dicom_rtstruct.h"
#include "pipeline/write/read_back_error.h"
#include "pipeline/write/result_files.h"
#include "pipeline/write/result_seg.h"
#include "pipeline/write/synced_file.h"

namespace dinsd {
namespace {

// What all UIDs are made of. A result of other voxels or codes under the same job key (another device may round
// otherwise), or whose prior's objects are others, is another object: an archive keeps what it has under a UID and
// throws the second away.
std::string UidKeyOf(const DicomOutput& dicom, const std::string& job_key, const StudyResult& result) {
  std::string text = job_key;
  text.append(" ").append(Sha256Hex(std::as_bytes(std::span(result.mask.labels))));
  text.append(" ").append(std::to_string(dicom.options.max_segments));
  const auto add = [&](const DicomCode& code) {
    text.append("\n").append(code.value).append("\\").append(code.scheme).append("\\").append(code.meaning);
  };
  for (const NamedCode& named : CodesByName()) add(dicom.options.codes.*named.code);
  for (const ReplacedCode& replaced : dicom.options.replaced_sites) {
    add({replaced.value, replaced.by.scheme, ""});
    add(replaced.by);
  }
  if (result.follow_up) {
    for (const FollowedLesion& lesion : result.follow_up->lesions) {
      for (const ObjectPart& object : lesion.prior.objects)
        text.append("\n").append(object.sop_instance_uid).append(" ").append(std::to_string(object.number));
    }
  }
  return Sha256Hex(std::as_bytes(std::span(text)));
}

bool IsEmpty(const LabelMap& mask) {
  return std::all_of(mask.labels.begin(), mask.labels.end(), [](std::uint16_t label) { return label == 0; });
}

// The objects of one result in their folder.
class ResultObjects {
 public:
  ResultObjects(std::filesystem::path folder, const DicomOutput& dicom, SegFacts facts, StudyResult& result)
      : folder_(std::move(folder)),
        dicom_(dicom),
        facts_(std::move(facts)),
        result_(result),
        masks_(SeriesMasksOf(result)),
        lesions_(TrackedLesionsOf(result, dicom.series.at(0), dicom.options.replaced_sites)) {
    for (const SourceSeries& series : dicom.series) files_.series.push_back({series.series_uid, {}, {}});
  }

  DicomFiles Write() {
    if (dicom_.options.seg) UnlessTooLarge("segmentation", [&] { WriteSegs(); });
    if (dicom_.options.rtstruct) UnlessTooLarge("RT Structure Set", [&] { WriteRtStructs(); });
    if (dicom_.options.sr) UnlessTooLarge("structured report", [&] { WriteSr(); });
    if (dicom_.options.secondary_capture) WriteCapture();
    return std::move(files_);
  }

 private:
  // An object that no reader would take is told, and the others are written.
  template <typename Write>
  void UnlessTooLarge(const char* object, Write write) {
    try {
      write();
    } catch (const InputError& error) {
      if (error.code() != "LIMIT_EXCEEDED")  // what we write is no input
        throw ReadBackError(std::string("the DICOM ") + object + " cannot be written as it must read: " + error.what());
      result_.warnings.push_back(std::string("the result has no DICOM ") + object +
                                 ", which would be larger than a reader takes: " + error.sentence());
    }
  }

  // "" for the only series, else " station 2" or, in file names, "-station-2".
  [[nodiscard]] std::string Station(std::size_t s, const char* between) const {
    if (dicom_.series.size() == 1) return "";
    return std::string(between) + "station" + between + std::to_string(s + 1);
  }

  // Stations may be one series, so the number is what tells their UIDs apart.
  [[nodiscard]] SegFacts FactsOf(std::size_t s) const {
    SegFacts facts = facts_;
    facts.key.append(Station(s, " "));
    if (dicom_.series.size() > 1)
      facts.of_series = "station " + std::to_string(s + 1) + "/" + std::to_string(dicom_.series.size());
    return facts;
  }

  // Part of a mask would be taken for all of it.
  void WriteSegs() {
    try {
      for (std::size_t s = 0; s < masks_.size(); ++s) files_.series[s].segs = SegsOf(s);
    } catch (...) {
      std::error_code ignored;
      for (SeriesObjects& series : files_.series) {
        for (const WrittenSeg& seg : series.segs) std::filesystem::remove(folder_ / seg.file, ignored);
        series.segs.clear();
      }
      throw;
    }
  }

  [[nodiscard]] std::vector<WrittenSeg> SegsOf(std::size_t s) const {
    const DicomCodes& codes = dicom_.options.codes;
    const SegWriteOptions options{.max_segments = dicom_.options.max_segments,
                                  .category = codes.category,
                                  .type = codes.segment_type,
                                  .left = codes.left,
                                  .right = codes.right,
                                  .both_sides = codes.both_sides};
    return WriteDicomSegs(folder_, "seg" + Station(s, "-"), *masks_[s].mask, lesions_, dicom_.series[s], FactsOf(s),
                          options);
  }

  void WriteRtStructs() {
    std::vector<std::string> bytes;
    for (std::size_t s = 0; s < masks_.size(); ++s) bytes.push_back(IsEmpty(*masks_[s].mask) ? "" : RtStructOf(s));
    for (std::size_t s = 0; s < masks_.size(); ++s) {
      if (bytes[s].empty()) continue;
      files_.series[s].rtstruct = "rtstruct" + Station(s, "-") + ".dcm";
      WriteSynced(folder_ / files_.series[s].rtstruct, bytes[s]);
    }
  }

  // A lesion without a voxel is a region of the only series; of several it would be one of each.
  [[nodiscard]] std::string RtStructOf(std::size_t s) const {
    const SegFacts facts = FactsOf(s);
    const bool is_automatic = facts.type == SegAlgorithmType::kAutomatic;
    RtStructOptions options{.key = facts.key,
                            .created = facts.created,
                            .algorithm = is_automatic ? RtAlgorithm::kAutomatic : RtAlgorithm::kSemiautomatic,
                            .label = facts.is_preliminary ? "PRELIMINARY" : "dinsd",
                            .series_description = TitleOf("lesions", facts)};
    for (const LesionResult& lesion : result_.lesions) {
      if (masks_.size() > 1 && std::count(lesion.stations.begin(), lesion.stations.end(), s) == 0) continue;
      options.regions.push_back({lesion.label, lesion.id});
    }
    return MaskToRtStruct(*masks_[s].mask, dicom_.series[s], options);
  }

  void WriteSr() {
    const SrContent content = SrContentOf(result_, lesions_, files_.series, dicom_.options);
    WriteSynced(folder_ / "sr.dcm", MeasurementsToSr(content, dicom_.series, facts_, dicom_.options.codes));
    files_.sr = "sr.dcm";
  }

  void WriteCapture() {
    const SliceView view(result_.volume.grid);
    WriteSynced(folder_ / "sc.dcm", PictureToCapture(ProjectionPicture(result_, view), view, dicom_.series, facts_));
    files_.capture = "sc.dcm";
  }

  std::filesystem::path folder_;
  const DicomOutput& dicom_;
  SegFacts facts_;
  StudyResult& result_;
  std::vector<SeriesMask> masks_;
  std::vector<SegLesion> lesions_;
  DicomFiles files_;
};

}  // namespace

std::optional<DicomOutput> DicomOutputOf(const std::filesystem::path& root, const ReadLimits& limits,
                                         const DicomOutputOptions& options, StudyResult& result) {
  if (!options.HasAny() || result.image.format != ImageFormat::kDicomSeries) return std::nullopt;
  DicomOutput dicom{{}, options};
  const char* why = nullptr;
  for (const StudyImage* image : StationsOf(result.image)) {
    dicom.series.push_back(ReadSourceSeries(root, *image, limits));
    if (dicom.series.back().is_interpolated)
      why = "slices were interpolated, so that the mask lies in none of its images";
    if (dicom.series.back().frame_of_reference_uid.empty()) why = "the series has no FrameOfReferenceUID";
  }
  if (why == nullptr) return dicom;
  result.warnings.push_back(std::string("the result has no DICOM objects: ") + why);
  return std::nullopt;
}

std::vector<std::string> WriteResultDicom(const std::filesystem::path& staging, const DicomOutput& dicom,
                                          const ReportContext& context, const std::string& job_key,
                                          StudyResult& result) {
  const std::filesystem::path folder = staging / kDicomFolder;
  std::filesystem::create_directory(folder);
  const SegFacts facts = SegFactsOf(result, context, UidKeyOf(dicom, job_key, result));
  const DicomFiles files = ResultObjects(folder, dicom, facts, result).Write();
  SyncNamesIn(folder);
  CheckResultDicom(folder, files, dicom.series, result, dicom.options);
  return NamesOf(files);
}

}  // namespace dinsd
