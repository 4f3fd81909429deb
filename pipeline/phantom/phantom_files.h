#pragma once

#include <filesystem>

#include "pipeline/phantom/phantom.h"

namespace dinsd {

enum class PhantomFormat { kNifti, kNiftiAndDicom };

/// Writes a phantom as a study that a daemon may read and, apart from it, what is true about it:
///
///   FOLDER/study/image.nii.gz, image.nii.gz.prompts.json (dinsd-prompts/1), study.json (dinsd-study/1)
///   FOLDER/truth/truth.nii.gz (label n + 1 = lesions[n]), truth.json
///
/// and with DICOM the same once more in FOLDER/dicom: one file a slice (IM0001.dcm, ...) and SERIES-UID.prompts.json,
/// without a study.json: the headers say it all. The folders should be new or empty; what is in them stays.
///
/// The same phantom gives the same bytes. Throws std::runtime_error when a file cannot be written.
void WritePhantom(const Phantom& phantom, const std::filesystem::path& folder,
                  PhantomFormat format = PhantomFormat::kNifti);

}  // namespace dinsd
