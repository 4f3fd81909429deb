#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/read/date_time.h"
#include "pipeline/read/dicom_read_options.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/read_options.h"
#include "pipeline/read/volume.h"
#include "pipeline/read/volume_file.h"

namespace dinsd {

/// Who was imaged and when, as study.json or the DICOM headers say it. Empty where nothing says so: such a study has no
/// history, and its report says that.
struct StudyIdentity {
  std::string patient;     // pseudonym: study.json's "patient", else PatientID
  std::string issuer;      // IssuerOfPatientID
  std::string study_uid;   // StudyInstanceUID
  std::string study_date;  // YYYY-MM-DD
  std::optional<double> weight_kg;
  std::optional<double> size_m;
  std::optional<double> age_years;
};

/// Where a slice of a multi-frame image is stored.
struct FramePlace {
  std::size_t file = 0;  // an index of StudyImage::files
  int frame = 0;         // counted from 1
  friend bool operator==(const FramePlace&, const FramePlace&) = default;
};

/// One image of a study: a file, or a DICOM series that the assembler put together.
struct StudyImage {
  ImageFormat format = ImageFormat::kNifti;
  std::vector<std::string> files;              // relative to the study; a series in slice order, each once
  std::vector<std::string> file_sha256;        // of `files`, lower-case hexadecimal
  std::vector<std::string> sop_instance_uids;  // DICOM: of `files`; else empty
  std::string series_uid;                      // DICOM, or as study.json says
  std::string part;                            // what tells this image from others of its series; usually empty
  std::string frame_of_reference_uid;          // likewise
  std::string stack_id;                        // of multi-frame DICOM: the stack that it is; empty where nothing says
  std::string sequence;                        // lower case, such as "stir"; empty when unknown
  std::string description;                     // SeriesDescription; may hold anything, escape it
  GridGeometry grid;                           // from the headers alone
  bool is_chosen = false;                      // the one that is segmented
  std::string reason;                          // why it was taken or not, a sentence
  std::optional<InputError> error;             // why it can not be used
  std::vector<std::string> notes;              // geometry warnings, lossy compression, what was ignored
  std::vector<double> slice_positions;         // DICOM: mm along the normal, from the first slice
  bool interpolate_slices = false;             // DICOM: slices are not even and are put on the grid
  std::vector<FramePlace> frames;              // DICOM with several frames a file: of slice k; else slice k is files[k]

  // Of a whole-body examination that was made in stations: them, head to feet, at least two. Then this image is what
  // they cover together (see StationMap); its files are all of theirs, and its series_uid is empty unless all share it.
  std::vector<StudyImage> stations;

  /// How many slices a DICOM series has.
  [[nodiscard]] std::size_t SliceCount() const { return frames.empty() ? files.size() : frames.size(); }

  /// Which of `files` holds slice k of a DICOM series, and as which frame (0: the only one).
  [[nodiscard]] FramePlace PlaceOfSlice(std::size_t k) const {
    return frames.empty() ? FramePlace{k, 0} : frames.at(k);
  }
};

/// The digest of one file that was read, and for DICOM that of its stored pixels.
struct FileDigest {
  std::string file;
  std::string sha256;
  std::string pixel_sha256;      // DICOM: of PixelData as stored
  std::string sop_instance_uid;  // DICOM
};

/// What reading a study's headers tells: everything that is known before a voxel is decoded.
struct InspectedStudy {
  StudyIdentity identity;
  std::string name;                       // of the folder or the lone file
  bool has_manifest = false;              // a study.json was there, wherever
  std::vector<FileDigest> digests;        // of every image and of study.json, sorted by file
  std::vector<StudyImage> images;         // at most one is chosen
  std::optional<InputError> no_choice;    // why none is chosen
  std::vector<std::string> prompt_files;  // sidecars and foreign click files, relative
  std::vector<std::string> mask_files;    // that may be masks made by others (see IsMaskFile), relative; not read yet
  std::vector<std::string> other_files;   // named, not used
  std::size_t unlisted_files = 0;         // of those: how many study.json leaves out
  std::size_t instances = 0;              // DICOM with images: distinct SOP instances that were read, images or not
};

/// What an error that misses an image should add: that study.json leaves files out, among which it may be. Begins with
/// "; ", empty where none is left out.
[[nodiscard]] std::string UnlistedInWords(const InspectedStudy& study);

/// The chosen image. Throws the InputError that says why there is none: the error of the image that would have been
/// taken, SERIES_NOT_FOUND (no image, or not the wanted one), SERIES_AMBIGUOUS (several and no rule decides).
[[nodiscard]] const StudyImage& ChosenImage(const InspectedStudy& study);

struct StudyReadOptions {
  ReadLimits limits;
  DicomReadOptions dicom;
  std::string wanted_series_uid;  // take this series (or the file with this SHA-256) whatever the rules say; empty =
                                  // the rules decide
};

/// Reads the headers of every file of the study `name` below `root` (a folder; a path such as /proc/self/fd/5 works)
/// and hashes them; voxels of files are counted, none is decoded. `files` are relative to `root`, without hidden files.
/// A DICOM study and loose image files do not mix: with both, DICOM is read and the files are other files. Of several
/// image files the wanted one is taken, else the only one that can be read.
///
/// study.json (dinsd-study/1), at the top or in a folder of the study, says who was imaged and which files are the
/// study: those that it lists (relative to its own folder), or all below its folder; others are not used. Throws
/// InputError for what concerns the whole study: MANIFEST_SCHEMA (also for two study.json), MANIFEST_INCOMPLETE (a
/// listed file is not there or differs in size or digest: not settled yet), LIMIT_EXCEEDED, IDENTITY_CONFLICT (DICOM
/// headers name another study or date: kQuarantined). An error of one image stays with that image. A study date cannot
/// lie in the future of `unix_now`, nor before 1900: study.json is refused then, DICOM counts as without a date, which
/// a note of its images says. A pseudonym of study.json that is blank or holds an invisible character is refused, a
/// PatientID that is blank to the eye counts as none; one that differs from study.json's pseudonym is told in a note,
/// and so is how many files were left out unread (study_warning).
[[nodiscard]] InspectedStudy InspectStudy(const std::filesystem::path& root, const std::string& name,
                                          const std::vector<std::string>& files, const StudyReadOptions& options,
                                          std::int64_t unix_now = UnixNow());

/// Whether a file of that name holds clicks: `*.prompts.json` (dinsd-prompts/1), `*.mrk.json` (3D Slicer) or
/// `nf_box.csv` (the published implementation).
[[nodiscard]] bool IsPromptsFile(const std::string& file);

/// Whether a file is by its name a mask of an image file beside it: `IMAGE.mask.nii.gz`, where IMAGE is the whole name
/// of an image among `files`, which are sorted. Of DICOM the class tells it: segmentations and RT Structure Sets.
[[nodiscard]] bool IsMaskFile(const std::string& file, const std::vector<std::string>& files);

/// All regular files below `folder`, relative, sorted, without hidden ones and links. Throws InputError
/// VOLUME_UNREADABLE that names the folder which may not be read: nobody knows what of the study lies in it.
[[nodiscard]] std::vector<std::string> ListStudyFiles(const std::filesystem::path& folder);

/// Decodes the voxels of one image. Throws InputError: INPUT_CHANGED when a file's digest is no longer the inspected
/// one, and everything that decoding can raise.
[[nodiscard]] Volume ReadStudyImage(const std::filesystem::path& root, const StudyImage& image,
                                    const StudyReadOptions& options);

}  // namespace dinsd
