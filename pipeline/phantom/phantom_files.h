#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "pipeline/phantom/phantom.h"
#include "pipeline/phantom/phantom_stations.h"

namespace dinsd {

enum class PhantomFormat { kNifti, kNiftiAndDicom };

/// Writes a phantom as a study that a daemon may read and, apart from it, what is true about it:
///
///   FOLDER/study/image.nii.gz, image.nii.gz.prompts.json (dinsd-prompts/1), study.json (dinsd-study/1)
///   FOLDER/truth/truth.nii.gz (label n + 1 = lesions[n]), truth.json
///
/// and with DICOM the same once more in FOLDER/dicom: one file a slice (IM0001.dcm, ...) and SERIES-UID.prompts.json,
/// without a study.json: the headers say it all. With more than one station in `stations` DICOM holds the image in
/// stations instead (ST1_0001.dcm, ..., ST2_0001.dcm, ..., head to feet, clicks named after the first of them), and,
/// where it is asked for, the composed series too (CO0001.dcm, ..., which the clicks are then named after). The folders
/// should be new or empty; what is in them stays.
///
/// The same phantom gives the same bytes. Throws std::runtime_error when a file cannot be written, and
/// std::invalid_argument of PhantomStations and CutIntoStations.
void WritePhantom(const Phantom& phantom, const std::filesystem::path& folder,
                  PhantomFormat format = PhantomFormat::kNifti, const PhantomStations& stations = {});

/// The SeriesInstanceUID of station `s`, head to feet.
[[nodiscard]] std::string StationSeriesUid(const PhantomOptions& options, const PhantomStations& stations,
                                           std::size_t s);

}  // namespace dinsd
