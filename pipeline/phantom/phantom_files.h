#pragma once

#include <filesystem>

#include "pipeline/phantom/phantom.h"

namespace dinsd {

/// Writes a phantom as a study that a daemon may read and, apart from it, what is true about it:
///
///   FOLDER/study/image.nii.gz, image.nii.gz.prompts.json (dinsd-prompts/1), study.json (dinsd-study/1)
///   FOLDER/truth/truth.nii.gz (label n + 1 = lesions[n]), truth.json
///
/// The same phantom gives the same bytes. Throws std::runtime_error when a file cannot be written.
void WritePhantom(const Phantom& phantom, const std::filesystem::path& folder);

}  // namespace dinsd
