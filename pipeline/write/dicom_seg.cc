#include "pipeline/write/dicom_seg.h"

#include <dcmtk/dcmdata/dcfilefo.h>

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string_view>

#include "pipeline/read/dicom_seg.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/input_error.h"
#include "pipeline/write/dicom_seg_parts.h"
#include "pipeline/write/dicom_uid.h"
#include "pipeline/write/read_back_error.h"
#include "pipeline/write/synced_file.h"

namespace dinsd {
namespace {

constexpr std::uint64_t kMostFileBytes = std::uint64_t{1} << 30;  // what the pre-scan reads

// A lesion that has voxels, and where they are.
struct Found {
  SegLesion lesion;
  std::vector<std::int64_t> slices;
  double head = 0;  // the mean z of its voxels, LPS mm
};

void CheckInput(const LabelMap& mask, const SourceSeries& source, const SegFacts& facts) {
  if (mask.grid != source.grid || mask.labels.size() != source.grid.SizeZyx().VoxelCount()) {
    throw std::invalid_argument("WriteDicomSegs: the mask lies on another grid than the series");
  }
  const std::string& file = source.slices.at(0).file;
  if (source.is_interpolated) {
    throw InputError("VARIABLE_SPACING", file, "ImagePositionPatient",
                     "the mask lies on interpolated slices, and no frame of a SEG could name its source image");
  }
  if (source.frame_of_reference_uid.empty()) {
    throw InputError("NO_GEOMETRY", file, "FrameOfReferenceUID", "is missing, and a SEG cannot be without it");
  }
  if (facts.type != SegAlgorithmType::kManual && facts.algorithm.empty())
    throw std::invalid_argument("WriteDicomSegs: the algorithm has no name");
}

// Which lesion has which label.
std::vector<std::size_t> LesionByLabel(const std::vector<SegLesion>& lesions) {
  constexpr std::size_t kLabels = 65536;
  std::vector<std::size_t> by_label(kLabels, lesions.size());
  for (std::size_t n = 0; n < lesions.size(); ++n) {
    std::size_t& slot = by_label[lesions[n].label];
    if (lesions[n].label == 0 || slot != lesions.size())
      throw std::invalid_argument("WriteDicomSegs: label " + std::to_string(lesions[n].label) + " has two lesions");
    slot = n;
  }
  return by_label;
}

std::vector<Found> FindLesions(const LabelMap& mask, const std::vector<SegLesion>& lesions, bool keeps_empty) {
  const std::vector<std::size_t> by_label = LesionByLabel(lesions);
  std::vector<Found> all(lesions.size());
  std::vector<double> voxels(lesions.size());
  std::size_t at = 0;
  for (std::int64_t k = 0; k < mask.grid.size[2]; ++k) {
    for (std::int64_t j = 0; j < mask.grid.size[1]; ++j) {
      for (std::int64_t i = 0; i < mask.grid.size[0]; ++i, ++at) {
        if (mask.labels[at] == 0) continue;
        const std::size_t n = by_label[mask.labels[at]];
        if (n == lesions.size())
          throw std::invalid_argument("WriteDicomSegs: no lesion has label " + std::to_string(mask.labels[at]));
        Found& found = all[n];
        if (found.slices.empty() || found.slices.back() != k) found.slices.push_back(k);
        found.head +=
            LpsFromIndex(mask.grid, {static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)})[2];
        ++voxels[n];
      }
    }
  }
  std::vector<Found> found;
  for (std::size_t n = 0; n < all.size(); ++n) {
    if (voxels[n] == 0) continue;
    all[n].lesion = lesions[n];
    all[n].head /= voxels[n];
    if (keeps_empty) all[n].slices.resize(static_cast<std::size_t>(mask.grid.size[2]));
    if (keeps_empty) std::iota(all[n].slices.begin(), all[n].slices.end(), 0);
    found.push_back(std::move(all[n]));
  }
  return found;
}

// Bands of the body from head to feet with nearly the same number of segments, each in the order of the lesions.
std::vector<std::vector<Found>> Bands(std::vector<Found> found, std::size_t most) {
  const std::size_t bands = (found.size() + most - 1) / most;
  if (bands <= 1) return {std::move(found)};
  std::vector<std::size_t> order(found.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return found[a].head > found[b].head; });
  std::vector<std::vector<Found>> divided(bands);
  for (std::size_t band = 0; band < bands; ++band) {
    const auto first = static_cast<std::ptrdiff_t>(band * found.size() / bands);
    const auto last = static_cast<std::ptrdiff_t>((band + 1) * found.size() / bands);
    std::sort(order.begin() + first, order.begin() + last);
    for (auto n = order.begin() + first; n != order.begin() + last; ++n) divided[band].push_back(std::move(found[*n]));
  }
  return divided;
}

SegPart PartOf(std::vector<Found> band, std::size_t number, std::size_t of, const std::string& uid_text) {
  SegPart part;
  part.number = number;
  part.of = of;
  part.series_uid = UidOfText(uid_text + " series");
  part.dimension_uid = UidOfText(uid_text + " dimensions");
  part.sop_instance_uid = UidOfText(uid_text + " instance " + std::to_string(number));
  for (Found& found : band) {
    part.lesions.push_back(std::move(found.lesion));
    part.slices.push_back(std::move(found.slices));
  }
  return part;
}

void CheckSize(const SegPart& part, const GridGeometry& grid) {
  const std::uint64_t bytes =
      part.Frames() * static_cast<std::uint64_t>(grid.size[0]) * static_cast<std::uint64_t>(grid.size[1]) / 8;
  constexpr std::int64_t kMostPixels = std::numeric_limits<Uint16>::max();
  if (bytes < kMostFileBytes && grid.size[0] <= kMostPixels && grid.size[1] <= kMostPixels) return;
  throw std::runtime_error("DICOM: a SEG of " + std::to_string(part.Frames()) + " frames would be too large");
}

std::string NameOf(const std::string& stem, std::size_t n, std::size_t of) {
  std::string name = stem;
  if (of > 1) name.append("-").append(std::to_string(n + 1));
  return name.append(".dcm");
}

void Save(const std::filesystem::path& path, DcmFileFormat& file) {
  const OFCondition condition = file.saveFile(path.c_str(), EXS_LittleEndianExplicit, EET_ExplicitLength);
  if (condition.bad()) throw std::runtime_error("cannot write " + path.string() + ": " + condition.text());
  SyncFile(path);
}

// What the file says must be what the mask says, for the labels of this object and at every voxel.
void CheckReadsBack(const std::filesystem::path& folder, const std::string& name, const SegPart& part,
                    const LabelMap& mask, const SourceSeries& source) {
  const LabelMap read =
      LabelsOnGrid(ReadDicomSeg(ReadFileBytes(folder, name, 2 * kMostFileBytes), name), TargetOf(source));
  std::vector<bool> is_of_part(std::size_t{std::numeric_limits<std::uint16_t>::max()} + 1);
  for (const SegLesion& lesion : part.lesions) is_of_part[lesion.label] = true;
  for (std::size_t at = 0; at < mask.labels.size(); ++at) {
    const std::uint16_t expected = is_of_part[mask.labels[at]] ? mask.labels[at] : 0;
    if (read.labels[at] != expected)
      throw ReadBackError(name + " does not read back as it was written, at voxel " + std::to_string(at));
  }
}

void WritePart(const std::filesystem::path& folder, const std::string& name, const SegPart& part, const LabelMap& mask,
               const SourceSeries& source, const SegFacts& facts, const SegWriteOptions& options) {
  CheckSize(part, mask.grid);
  {
    DcmFileFormat file;
    PutSegHeader(part, source, facts, options, *file.getDataset());
    PutSegFrames(part, mask, source, *file.getDataset());
    Save(folder / name, file);
  }
  CheckReadsBack(folder, name, part, mask, source);
}

}  // namespace

void SegWriteOptions::Check() const {
  if (max_segments < 1) throw std::invalid_argument("max_segments must be at least 1");
}

std::vector<WrittenSeg> WriteDicomSegs(const std::filesystem::path& folder, const std::string& stem,
                                       const LabelMap& mask, const std::vector<SegLesion>& lesions,
                                       const SourceSeries& source, const SegFacts& facts,
                                       const SegWriteOptions& options) {
  options.Check();
  CheckInput(mask, source, facts);
  std::vector<Found> found = FindLesions(mask, lesions, options.keeps_empty_frames);
  std::vector<WrittenSeg> written;
  if (found.empty()) return written;
  std::vector<std::vector<Found>> bands = Bands(std::move(found), options.max_segments);
  try {
    for (std::size_t n = 0; n < bands.size(); ++n) {
      const SegPart part =
          PartOf(std::move(bands[n]), n + 1, bands.size(), "dinsd seg " + facts.key + " " + source.series_uid);
      const std::string name = NameOf(stem, n, bands.size());
      written.push_back({name, part.series_uid, part.sop_instance_uid, {}, part.Frames()});
      for (const SegLesion& lesion : part.lesions) written.back().labels.push_back(lesion.label);
      WritePart(folder, name, part, mask, source, facts, options);
    }
  } catch (...) {
    std::error_code ignored;
    for (const WrittenSeg& seg : written) std::filesystem::remove(folder / seg.file, ignored);
    throw;
  }
  SyncNamesIn(folder);
  return written;
}

}  // namespace dinsd
