#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/read/date_time.h"
#include "pipeline/read/dicom_file.h"
#include "pipeline/read/dicom_read_options.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/read_options.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// Whose study it is, as all its DICOM objects agree.
struct DicomIdentity {
  std::string study_uid;
  std::string patient_id;     // empty where it is blank to the eye
  std::string patient_fault;  // a sentence: why the stated PatientID is not taken
  std::string issuer;         // IssuerOfPatientID
  std::string study_date;     // YYYY-MM-DD, or empty
  std::string date_fault;     // a sentence: why the stated StudyDate is not taken
  std::optional<double> weight_kg, size_m, age_years;
  std::vector<std::string> measure_faults;  // sentences: why a stated weight, size or age is not taken
};

enum class DicomFileKind {
  kImage,        // becomes part of a series
  kOtherObject,  // SR, RTSTRUCT, SEG, PDF ...: not an image of a series, no error
  kDirectory,    // DICOMDIR, ignored
  kNotDicom,     // no DICOM at all
};

/// One file of the study folder.
struct DicomFile {
  std::string file;  // relative
  DicomFileKind kind = DicomFileKind::kNotDicom;
  std::string sha256;
  std::string pixel_sha256;                     // of PixelData as stored; empty without
  std::string sop_class_uid, sop_instance_uid;  // empty where unknown
  std::string remark;                           // for the log of `explain`: what it is, why it is not used
};

/// One volume to be: the slices of a series that belong together. A SeriesInstanceUID gives several where it holds
/// several echoes, b values, timepoints or table stations.
struct DicomSeries {
  std::string series_uid;
  std::string part;  // "" when the series is one volume, else what tells this one from the others
  std::string description;
  std::string frame_of_reference_uid;
  std::vector<DicomInstance> instances;  // in slice order: position along row x column rising; exact duplicates gone
  GridGeometry grid;                     // all zero sizes where the error leaves none
  std::vector<double> slice_positions;   // mm along the normal, from the first
  bool interpolate_slices = false;       // slices are not even: ReadDicomSeries puts them on the grid
  std::string sequence;                  // by ChooseSeries: stir, t2fs, t1, t2, dwi as the headers say, or empty
  std::optional<InputError> error;       // why it cannot be used
  std::vector<std::string> notes;        // geometry warnings, lossy compression, what was ignored
  bool is_chosen = false;
  std::string reason;  // why it was chosen or not
};

/// Everything that the headers of a study's DICOM files tell.
struct DicomStudy {
  DicomIdentity identity;
  std::vector<DicomFile> files;  // all that were given, in that order
  std::vector<DicomSeries> series;
  std::optional<InputError> error;  // of the whole study: IDENTITY_CONFLICT, or a broken file that may be any slice
  std::optional<InputError> choice_error;  // by ChooseSeries: why none was chosen
};

/// Reads the headers of `files` (relative to `root`, a folder; a path such as /proc/self/fd/5 works) and assembles
/// series; no pixel is decoded, and of PixelData only the digest is kept. Files that are no DICOM are listed and
/// ignored, unless name and content say that a slice was lost in them. Errors stay where they belong: in a series, or
/// in the study. `unix_now` tells which StudyDate lies in the future. Throws InputError only for LIMIT_EXCEEDED (number
/// or size of files) and VOLUME_UNREADABLE.
[[nodiscard]] DicomStudy InspectDicomStudy(const std::vector<std::filesystem::path>& files,
                                           const std::filesystem::path& root, const DicomReadOptions& options,
                                           const ReadLimits& limits, std::int64_t unix_now = UnixNow());

/// Marks the series to segment and gives every series its reason. With `wanted_series_uid` that series is taken
/// whatever the rules say, and of several volumes that it holds those that the first matching rule leaves; else what
/// the first of options.series_rules that matches any volume leaves; else the only image series of the study if
/// options.take_only_series. Otherwise choice_error is set: the error of the series that would have been taken,
/// SERIES_NOT_FOUND or SERIES_AMBIGUOUS, which names the volumes that there are.
void ChooseSeries(DicomStudy& study, const std::string& wanted_series_uid, const DicomReadOptions& options);

/// Decodes a series without error; of `series` only grid, slice_positions, interpolate_slices and each instance's file,
/// frame and file_sha256 are used. `options` are those that it was inspected with. Throws InputError: INPUT_CHANGED (a
/// file no longer has the inspected digest), UNDECODABLE, LIMIT_EXCEEDED, VOLUME_UNREADABLE.
[[nodiscard]] Volume ReadDicomSeries(const DicomSeries& series, const std::filesystem::path& root,
                                     const ReadLimits& limits, const DicomReadOptions& options = {});

}  // namespace dinsd
