#include "pipeline/write/result_dicom.h"

#include <algorithm>
#include <span>

#include "pipeline/read/digest.h"
#include "pipeline/read/input_error.h"
#include "pipeline/report/pictures.h"
#include "pipeline/report/report_facts.h"
#include "pipeline/write/check_result_dicom.h"
#include "pipeline/write/dicom_capture.h"
#include "pipeline/write/dicom_item.h"
#include "pipeline/write/dicom_rtstruct.h"
#include "pipeline/write/dicom_sr.h"
#include "pipeline/write/read_back_error.h"
#include "pipeline/write/result_files.h"
#include "pipeline/write/result_seg.h"
#include "pipeline/write/synced_file.h"

namespace dinsd {
namespace {

// What all UIDs are made of. A result of other voxels or codes under the same job key (another device may round
// otherwise) is another object: an archive keeps what it has under a UID and throws the second away.
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
  return Sha256Hex(std::as_bytes(std::span(text)));
}

// An object that no reader would take is told, and the others are written.
template <typename Write>
void UnlessTooLarge(const char* object, StudyResult& result, Write write) {
  try {
    write();
  } catch (const InputError& error) {
    if (error.code() != "LIMIT_EXCEEDED")  // what we write is no input
      throw ReadBackError(std::string("the DICOM ") + object + " cannot be written as it must read: " + error.what());
    result.warnings.push_back(std::string("the result has no DICOM ") + object +
                              ", which would be larger than a reader takes: " + error.sentence());
  }
}

std::vector<WrittenSeg> WriteSegs(const std::filesystem::path& folder, const DicomOutput& dicom, const SegFacts& facts,
                                  const StudyResult& result) {
  const DicomCodes& codes = dicom.options.codes;
  const SegWriteOptions options{.max_segments = dicom.options.max_segments,
                                .category = codes.category,
                                .type = codes.segment_type,
                                .left = codes.left,
                                .right = codes.right,
                                .both_sides = codes.both_sides};
  return WriteDicomSegs(folder, "seg", result.mask, SegLesionsOf(result, dicom.options.replaced_sites), dicom.series,
                        facts, options);
}

void WriteRtStruct(const std::filesystem::path& file, const DicomOutput& dicom, const SegFacts& facts,
                   const StudyResult& result) {
  RtStructOptions options{
      .key = facts.key,
      .created = facts.created,
      .algorithm = facts.type == SegAlgorithmType::kAutomatic ? RtAlgorithm::kAutomatic : RtAlgorithm::kSemiautomatic,
      .series_description = "Lesions by dinsd (research use only)"};
  for (const LesionResult& lesion : result.lesions) options.regions.push_back({lesion.label, lesion.id});
  WriteSynced(file, MaskToRtStruct(result.mask, dicom.series, options));
}

std::vector<std::string> RemarksOf(const StudyResult& result) {
  std::vector<std::string> remarks = {"Research use only: not for diagnosis."};
  if (IsPreliminary(result)) remarks.emplace_back("Preliminary: a click was proposed and is not verified.");
  if (result.is_out_of_domain) remarks.emplace_back("Out of domain: the network was not trained for such a study.");
  if (!result.empty_reason.empty()) remarks.push_back("Nothing was segmented: " + result.empty_reason);
  if (result.unprompted_voxels > 0) {
    remarks.push_back("The network sees " + DecimalString(result.unprompted_ml) +
                      " mL of tumour that no click reaches; no volume holds them.");
  }
  return remarks;
}

std::optional<DicomCode> KindOf(const StudyResult& result, std::size_t n, const DicomCodes& codes) {
  const PromptLesion* prompts = PromptsOf(result, n);
  if (prompts == nullptr) return std::nullopt;
  if (prompts->type == "plexiform") return codes.plexiform;
  return prompts->type == "discrete" ? std::optional(codes.discrete) : std::nullopt;
}

SrContent SrContentOf(const DicomOutput& dicom, const std::vector<WrittenSeg>& segs, const StudyResult& result) {
  SrContent content{
      .total_ml = result.total_ml, .is_preliminary = IsPreliminary(result), .remarks = RemarksOf(result), .segs = segs};
  const std::vector<SegLesion> lesions = SegLesionsOf(result, dicom.options.replaced_sites);
  for (std::size_t n = 0; n < lesions.size(); ++n)
    content.lesions.push_back({lesions[n], result.lesions[n].volume_ml, KindOf(result, n, dicom.options.codes)});
  for (const WrittenSeg& seg : segs) {
    for (std::size_t n = 0; n < seg.labels.size(); ++n) {
      const auto lesion = std::find_if(content.lesions.begin(), content.lesions.end(), [&](const SrLesion& candidate) {
        return candidate.lesion.label == seg.labels[n];
      });
      lesion->seg_sop_instance_uid = seg.sop_instance_uid;
      lesion->segment = static_cast<std::uint16_t>(n + 1);
    }
  }
  return content;
}

bool IsEmpty(const StudyResult& result) {
  const std::vector<std::uint16_t>& labels = result.mask.labels;
  return std::all_of(labels.begin(), labels.end(), [](std::uint16_t label) { return label == 0; });
}

}  // namespace

std::optional<DicomOutput> DicomOutputOf(const std::filesystem::path& root, const ReadLimits& limits,
                                         const DicomOutputOptions& options, StudyResult& result) {
  if (!options.HasAny() || result.image.format != ImageFormat::kDicomSeries) return std::nullopt;
  if (!result.image.stations.empty()) {
    result.warnings.emplace_back("the result has no DICOM objects: it is of several series, its stations");
    return std::nullopt;
  }
  DicomOutput dicom{ReadSourceSeries(root, result.image, limits), options};
  const char* why = nullptr;
  if (dicom.series.is_interpolated) why = "its slices were interpolated, so that the mask lies in none of its images";
  if (dicom.series.frame_of_reference_uid.empty()) why = "the series has no FrameOfReferenceUID";
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
  const bool is_empty = IsEmpty(result);
  DicomFiles files;
  if (dicom.options.seg && !is_empty)
    UnlessTooLarge("segmentation", result, [&] { files.segs = WriteSegs(folder, dicom, facts, result); });
  if (dicom.options.rtstruct && !is_empty) {
    UnlessTooLarge("RT Structure Set", result, [&] {
      WriteRtStruct(folder / "rtstruct.dcm", dicom, facts, result);
      files.rtstruct = "rtstruct.dcm";
    });
  }
  if (dicom.options.sr) {
    UnlessTooLarge("structured report", result, [&] {
      WriteSynced(folder / "sr.dcm",
                  MeasurementsToSr(SrContentOf(dicom, files.segs, result), dicom.series, facts, dicom.options.codes));
      files.sr = "sr.dcm";
    });
  }
  if (dicom.options.secondary_capture) {
    const SliceView view(result.volume.grid);
    WriteSynced(folder / "sc.dcm", PictureToCapture(ProjectionPicture(result, view), view, dicom.series, facts));
    files.capture = "sc.dcm";
  }
  SyncNamesIn(folder);
  CheckResultDicom(folder, files, dicom.series, result, dicom.options);
  return NamesOf(files);
}

}  // namespace dinsd
