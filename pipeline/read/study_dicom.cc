#include "pipeline/read/study_dicom.h"

#include <algorithm>
#include <map>
#include <set>

#include "pipeline/read/dicom_rtstruct.h"
#include "pipeline/read/dicom_seg.h"
#include "pipeline/read/dicom_study.h"
#include "pipeline/read/station_image.h"

namespace dinsd {
namespace {

// What speaks against the identity that the headers state. No value is repeated: they are patient data.
std::vector<std::string> IdentityNotes(const DicomIdentity& dicom, const std::string& pseudonym) {
  std::vector<std::string> notes;
  if (!dicom.date_fault.empty()) notes.push_back(dicom.date_fault);
  if (!dicom.patient_fault.empty()) notes.push_back(dicom.patient_fault);
  notes.insert(notes.end(), dicom.measure_faults.begin(), dicom.measure_faults.end());
  if (!pseudonym.empty() && !dicom.patient_id.empty() && pseudonym != dicom.patient_id) {
    notes.emplace_back(
        "patient_warning: study.json names another patient than PatientID: a pseudonym may replace it, and study.json "
        "is followed; make sure that it belongs to these images");
  }
  return notes;
}

// What study.json says may add to the headers and replace the identifier by a pseudonym, never contradict the rest.
void MergeIdentity(const DicomIdentity& dicom, StudyIdentity& identity) {
  const auto merge = [](std::string& stated, const std::string& found, const char* field) {
    if (!stated.empty() && !found.empty() && stated != found) {
      throw InputError("IDENTITY_CONFLICT", "study.json", field, "is another one than the DICOM headers have",
                       InputVerdict::kQuarantined);
    }
    if (stated.empty()) stated = found;
  };
  merge(identity.study_uid, dicom.study_uid, "studyInstanceUID");
  merge(identity.study_date, dicom.study_date, "studyDate");
  if (identity.patient.empty()) identity.patient = dicom.patient_id;
  identity.issuer = dicom.issuer;
  if (!identity.weight_kg) identity.weight_kg = dicom.weight_kg;
  if (!identity.size_m) identity.size_m = dicom.size_m;
  if (!identity.age_years) identity.age_years = dicom.age_years;
}

// The stack of frames that all slices are of; empty where they are of several, or of none.
std::string StackOf(const DicomSeries& series) {
  const std::string& stack = series.instances.front().stack_id;
  const bool is_one = std::all_of(series.instances.begin(), series.instances.end(), [&](const DicomInstance& slice) {
    return slice.frame > 0 && slice.stack_id == stack;
  });
  return is_one ? stack : "";
}

StudyImage ImageOf(const DicomSeries& series) {
  StudyImage image{.format = ImageFormat::kDicomSeries,
                   .series_uid = series.series_uid,
                   .part = series.part,
                   .frame_of_reference_uid = series.frame_of_reference_uid,
                   .sequence = series.sequence,
                   .description = series.description,
                   .grid = series.grid,
                   .is_chosen = series.is_chosen,
                   .reason = series.reason,
                   .error = series.error,
                   .notes = series.notes,
                   .slice_positions = series.slice_positions,
                   .interpolate_slices = series.interpolate_slices};
  std::map<std::string, std::size_t> known;
  for (const DicomInstance& instance : series.instances) {
    const auto [file, is_new] = known.try_emplace(instance.file, image.files.size());
    if (instance.frame > 0) image.frames.push_back({file->second, instance.frame});
    if (!is_new) continue;
    image.files.push_back(instance.file);
    image.file_sha256.push_back(instance.file_sha256);
    image.sop_instance_uids.push_back(instance.sop_instance_uid);
  }
  if (image.frames.size() != series.instances.size()) image.frames.clear();  // of a broken series
  image.stack_id = StackOf(series);
  return image;
}

// The wanted series; a digest names a file and no series.
std::string WantedSeries(const StudyReadOptions& options) {
  const bool is_digest =
      options.wanted_series_uid.size() == 64 && options.wanted_series_uid.find('.') == std::string::npos;
  return is_digest ? "" : options.wanted_series_uid;
}

// What concerns no file of the study concerns the study.
std::optional<InputError> OfStudy(const std::optional<InputError>& error, const std::string& name) {
  if (!error || !error->file().empty()) return error;
  return InputError(error->code(), name, error->field(), error->sentence(), error->verdict());
}

bool IsUsed(const DicomFile& file) {
  return file.kind == DicomFileKind::kImage;
}

// The same instance may lie there twice, in two transfer syntaxes say.
std::size_t InstancesIn(const std::vector<DicomFile>& files) {
  std::set<std::string> uids;
  for (const DicomFile& file : files) {
    const bool is_object = file.kind == DicomFileKind::kImage || file.kind == DicomFileKind::kOtherObject;
    if (is_object && !file.sop_instance_uid.empty()) uids.insert(file.sop_instance_uid);
  }
  return uids.size();
}

bool IsMask(const DicomFile& file) {
  return file.kind == DicomFileKind::kOtherObject &&
         (IsSegClass(file.sop_class_uid) || IsRtStructClass(file.sop_class_uid));
}

}  // namespace

bool InspectDicomFiles(const std::filesystem::path& root, const std::vector<std::string>& files,
                       const StudyReadOptions& options, std::int64_t unix_now, InspectedStudy& study) {
  DicomStudy dicom = InspectDicomStudy({files.begin(), files.end()}, root, options.dicom, options.limits, unix_now);
  if (dicom.error) throw InputError(*dicom.error);
  const bool has_images = std::any_of(dicom.files.begin(), dicom.files.end(), IsUsed);
  for (const DicomFile& file : dicom.files) {
    if (!IsUsed(file)) (has_images && IsMask(file) ? study.mask_files : study.other_files).push_back(file.file);
  }
  if (!has_images) return false;
  study.instances = InstancesIn(dicom.files);
  const std::vector<std::string> notes = IdentityNotes(dicom.identity, study.identity.patient);
  MergeIdentity(dicom.identity, study.identity);
  ChooseSeries(dicom, WantedSeries(options), options.dicom);
  for (const DicomSeries& series : dicom.series) {
    study.images.push_back(ImageOf(series));
    study.images.back().notes.insert(study.images.back().notes.end(), notes.begin(), notes.end());
  }
  JoinChosenStations(study.images);
  study.no_choice = OfStudy(dicom.choice_error, study.name);
  for (const DicomFile& file : dicom.files) {
    if (IsUsed(file)) study.digests.push_back({file.file, file.sha256, file.pixel_sha256, file.sop_instance_uid});
  }
  return true;
}

Volume ReadDicomImage(const std::filesystem::path& root, const StudyImage& image, const StudyReadOptions& options) {
  DicomSeries series{
      .grid = image.grid, .slice_positions = image.slice_positions, .interpolate_slices = image.interpolate_slices};
  for (std::size_t k = 0; k < image.SliceCount(); ++k) {
    const FramePlace place = image.PlaceOfSlice(k);
    series.instances.push_back(
        {.file = image.files.at(place.file), .frame = place.frame, .file_sha256 = image.file_sha256.at(place.file)});
  }
  return ReadDicomSeries(series, root, options.limits, options.dicom);
}

}  // namespace dinsd
