#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "pipeline/write/dicom_sr.h"

namespace dinsd {

/// Reads a structured report as any reader would and holds it against what it was to say: each group of `content` once,
/// by tracking and timepoint, with its volume (to the last bit), segments, figures, evaluations and what each figure
/// was measured in; the total, where there is one; the flag of what is preliminary; and no other group. `series` is the
/// first one that it was written with. Throws ReadBackError that names `file` and the first difference, InputError
/// (ReadMeasurements). Thread-safe.
void CheckSr(std::span<const std::byte> bytes, const std::string& file, const SrContent& content,
             const SourceSeries& series, bool is_preliminary, const DicomCodes& codes);

}  // namespace dinsd
