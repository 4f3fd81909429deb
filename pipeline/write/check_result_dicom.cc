#include "pipeline/write/check_result_dicom.h"

#include <algorithm>
#include <stdexcept>

#include "pipeline/read/dicom_rtstruct.h"
#include "pipeline/read/dicom_seg.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/input_error.h"
#include "pipeline/report/pictures.h"
#include "pipeline/report/report_facts.h"
#include "pipeline/write/check_sr.h"
#include "pipeline/write/dicom_capture.h"
#include "pipeline/write/read_back_error.h"
#include "pipeline/write/result_files.h"
#include "pipeline/write/result_seg.h"

namespace dinsd {
namespace {

void CheckLabels(const std::string& name, const LabelMap& read, const LabelMap& mask) {
  const auto [ours, theirs] =
      std::mismatch(mask.labels.begin(), mask.labels.end(), read.labels.begin(), read.labels.end());
  if (ours == mask.labels.end() && theirs == read.labels.end()) return;
  throw ReadBackError(name + " does not read back as the mask, at voxel " + std::to_string(ours - mask.labels.begin()));
}

void CheckTracking(const std::string& name, const DicomSeg& seg, const SourceSeries& series,
                   const std::vector<SegLesion>& lesions) {
  for (const SegSegment& segment : seg.segments) {
    const auto lesion = std::find_if(lesions.begin(), lesions.end(),
                                     [&](const SegLesion& candidate) { return candidate.label == segment.label; });
    const LesionTracking tracking = lesion == lesions.end() ? LesionTracking{} : TrackingOf(*lesion, series);
    if (segment.tracking_uid != tracking.uid || tracking.uid.empty())
      throw ReadBackError(name + " does not read back the lesion of label " + std::to_string(segment.label));
  }
}

// The segmentations of a series together: each voxel in the one that has its lesion.
void CheckSegs(const std::filesystem::path& folder, const std::vector<WrittenSeg>& segs, const SourceSeries& series,
               const LabelMap& mask, const std::vector<SegLesion>& lesions) {
  const SegTarget target = TargetOf(series);
  LabelMap read{mask.grid, std::vector<std::uint16_t>(mask.labels.size())};
  for (const WrittenSeg& written : segs) {
    const DicomSeg seg = ReadDicomSeg(ReadFileBytes(folder, written.file, kMostResultBytes), written.file);
    CheckTracking(written.file, seg, series, lesions);
    if (seg.sop_instance_uid != written.sop_instance_uid) throw ReadBackError(written.file + " has another UID");
    AddLabels(LabelsOnGrid(seg, target), written.file, read);
  }
  CheckLabels(segs.size() == 1 ? segs.front().file : "what the segmentations of series " + series.series_uid, read,
              mask);
}

void CheckRtStruct(const std::filesystem::path& folder, const std::string& name, const SourceSeries& series,
                   const LabelMap& mask) {
  if (name.empty()) {
    const LabelMap none{mask.grid, std::vector<std::uint16_t>(mask.labels.size())};
    return CheckLabels("no structure set of series " + series.series_uid, none, mask);
  }
  const RtStructReading read = RtStructToMask(ReadFileBytes(folder, name, kMostResultBytes), name, series);
  CheckLabels(name, read.mask, mask);
  if (!read.notes.empty()) throw ReadBackError(name + " does not read back as written: " + read.notes.front());
}

// What one series has, each has that owns a voxel of the mask.
void CheckSeries(const std::filesystem::path& folder, const DicomFiles& files, const std::vector<SourceSeries>& series,
                 const StudyResult& result, const std::vector<SegLesion>& lesions) {
  const std::vector<SeriesMask> masks = SeriesMasksOf(result);
  if (files.series.size() != series.size() || masks.size() != series.size())
    throw std::invalid_argument("CheckResultDicom: another number of series");
  const auto any = [&](auto has) { return std::any_of(files.series.begin(), files.series.end(), has); };
  const bool has_segs = any([](const SeriesObjects& one) { return !one.segs.empty(); });
  const bool has_rtstructs = any([](const SeriesObjects& one) { return !one.rtstruct.empty(); });
  for (std::size_t s = 0; s < series.size(); ++s) {
    if (has_segs) CheckSegs(folder, files.series[s].segs, series[s], *masks[s].mask, lesions);
    if (has_rtstructs) CheckRtStruct(folder, files.series[s].rtstruct, series[s], *masks[s].mask);
  }
}

void CheckReport(const std::filesystem::path& folder, const DicomFiles& files, const std::vector<SegLesion>& lesions,
                 const SourceSeries& first, const StudyResult& result, const DicomOutputOptions& options) {
  CheckSr(ReadFileBytes(folder, files.sr, kMostResultBytes), files.sr,
          SrContentOf(result, lesions, files.series, options), first, IsPreliminary(result), options.codes);
}

void CheckCapture(const std::filesystem::path& folder, const std::string& name, const StudyResult& result) {
  const Picture read = PictureOfCapture(ReadFileBytes(folder, name, kMostResultBytes), name);
  const Picture picture = ProjectionPicture(result, SliceView(result.volume.grid));
  if (read.width != picture.width || read.height != picture.height || read.samples != picture.samples)
    throw ReadBackError(name + " does not read back as the picture of the result");
}

}  // namespace

std::vector<std::string> NamesOf(const DicomFiles& files) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (!name.empty()) names.push_back(std::string(kDicomFolder) + "/" + name);
  };
  for (const SeriesObjects& series : files.series) {
    for (const WrittenSeg& seg : series.segs) add(seg.file);
    add(series.rtstruct);
  }
  add(files.sr);
  add(files.capture);
  std::sort(names.begin(), names.end());
  return names;
}

void CheckResultDicom(const std::filesystem::path& folder, const DicomFiles& files,
                      const std::vector<SourceSeries>& series, const StudyResult& result,
                      const DicomOutputOptions& options) {
  const std::vector<SegLesion> lesions = TrackedLesionsOf(result, series.at(0), options.replaced_sites);
  try {
    CheckSeries(folder, files, series, result, lesions);
    if (!files.sr.empty()) CheckReport(folder, files, lesions, series.at(0), result, options);
    if (!files.capture.empty()) CheckCapture(folder, files.capture, result);
  } catch (const InputError& error) {  // what we wrote is no input
    throw ReadBackError(std::string("a DICOM object does not read back: ") + error.what());
  }
}

}  // namespace dinsd
