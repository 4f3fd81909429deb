#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "pipeline/read/dicom_source.h"
#include "pipeline/report/png.h"
#include "pipeline/report/slice_view.h"
#include "pipeline/write/dicom_seg.h"

namespace dinsd {

/// Writes a picture of a result as Secondary Capture, as the bytes of a Part 10 file: `picture` has three channels, its
/// rows and columns lie as those of `view`, which also tells the shape of a pixel. It names the images of every series.
/// UIDs are made of facts.key and the first series, which patient and study are copied from; everything in the file
/// follows from the arguments alone. Throws std::invalid_argument (other channels, no pixel, no series),
/// std::runtime_error. Thread-safe.
[[nodiscard]] std::string PictureToCapture(const Picture& picture, const SliceView& view,
                                           const std::vector<SourceSeries>& series, const SegFacts& facts);

/// The picture that a Secondary Capture of ours holds. Throws InputError that names `file`: those of the pre-scan,
/// WRONG_SOP_CLASS, UNDECODABLE (other pixels than ours).
[[nodiscard]] Picture PictureOfCapture(std::span<const std::byte> bytes, const std::string& file);

}  // namespace dinsd
