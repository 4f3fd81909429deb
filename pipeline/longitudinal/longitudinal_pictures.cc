#include "pipeline/longitudinal/longitudinal_pictures.h"

#include <algorithm>
#include <cmath>

#include "pipeline/longitudinal/change_style.h"
#include "pipeline/longitudinal/longitudinal_words.h"
#include "pipeline/report/lesion_extent.h"
#include "pipeline/report/projection_drawing.h"
#include "pipeline/report/slice_crop.h"

namespace dinsd {
namespace {

constexpr double kLeastSideMm = 50;  // of a slice's picture

std::size_t LabelsOf(const LabelMap& mask) {
  std::uint16_t most = 0;
  for (const std::uint16_t label : mask.labels) most = std::max(most, label);
  return most + std::size_t{1};
}

// The view's index of the voxel nearest to a place, clipped to the image.
Index3 IndexNear(const SliceView& view, const GridGeometry& grid, const Point3& lps) {
  const std::array<double, 3> at = IndexFromLps(grid, lps);
  std::array<std::int64_t, 3> ijk{};
  for (std::size_t d = 0; d < 3; ++d)
    ijk.at(d) = std::clamp<std::int64_t>(std::llround(at.at(d)), 0, grid.size.at(d) - 1);
  return view.FromGrid(ijk);
}

// Draws the cells of one timepoint.
class CellArtist {
 public:
  CellArtist(const LongitudinalReport& report, std::size_t t, const MeasuredStudy& study)
      : report_(report), t_(t), study_(study), view_(study.mask.grid) {
    extents_ = ExtentsOf(study.mask, view_, LabelsOf(study.mask));
  }

  /// The longer side of what the lesion covers on its slices, mm; 0 where it has no voxel here.
  [[nodiscard]] double SideMm(std::size_t track) const {
    const LesionExtent* extent = ExtentOf(track);
    if (extent == nullptr) return 0;
    return std::max(static_cast<double>(extent->box.Width()) * view_.spacing_mm().x,
                    static_cast<double>(extent->box.Height()) * view_.spacing_mm().y);
  }

  /// A square of `side_mm` round the lesion, or round the place where it should be.
  [[nodiscard]] Html Draw(std::size_t track, double side_mm) const {
    const std::optional<Index3> middle = MiddleOf(track);
    if (!middle) return {};
    const auto columns = static_cast<std::int64_t>(std::ceil(side_mm / 2 / view_.spacing_mm().x));
    const auto rows = static_cast<std::int64_t>(std::ceil(side_mm / 2 / view_.spacing_mm().y));
    const ViewBox box =
        ViewBox{middle->x, middle->y, middle->x + 1, middle->y + 1}.Grown(columns, rows).ClippedTo(view_.All());
    return Slice(track, middle->z, box);
  }

 private:
  [[nodiscard]] const LesionExtent* ExtentOf(std::size_t track) const {
    const MeasuredLesion* lesion = CellLesion(report_, track, t_);
    if (lesion == nullptr || lesion->lesion.label >= extents_.size()) return nullptr;
    const LesionExtent& extent = extents_[lesion->lesion.label];
    return extent.z1 > extent.z0 ? &extent : nullptr;
  }

  [[nodiscard]] std::optional<Index3> MiddleOf(std::size_t track) const {
    if (const LesionExtent* extent = ExtentOf(track))
      return Index3{extent->largest_slice, (extent->box.y0 + extent->box.y1) / 2,
                    (extent->box.x0 + extent->box.x1) / 2};
    const std::optional<Point3>& place = report_.tracks()[track].cells[t_].place_lps;
    if (!place) return std::nullopt;
    return IndexNear(view_, study_.mask.grid, *place);
  }

  [[nodiscard]] Html Slice(std::size_t track, std::int64_t z, const ViewBox& box) const {
    const double sx = view_.spacing_mm().x, sy = view_.spacing_mm().y;
    const double width = static_cast<double>(box.Width()) * sx, height = static_cast<double>(box.Height()) * sy;
    const MeasuredLesion* lesion = CellLesion(report_, track, t_);
    const std::uint16_t label = lesion == nullptr ? 0 : lesion->lesion.label;
    Figure figure(width, height, 0, width / 12);
    const Volume& volume = study_.volumes.whole;
    const Picture grey = GreyCrop(volume, view_, z, box, WindowOfCrop(volume, view_, box, z, z + 1));
    const auto block = static_cast<double>(CropBlock(box));
    figure.AddPicture(grey, grey.width * block * sx, grey.height * block * sy);
    figure.AddContours(OutlineInCrop(study_.mask, view_, z, box, [&](std::uint16_t l) { return l != 0 && l != label; }),
                       0, 0, sx, sy, "other", "#fff");
    figure.AddContours(
        OutlineInCrop(study_.mask, view_, z, box, [&](std::uint16_t l) { return label != 0 && l == label; }), 0, 0, sx,
        sy, "contour", "#E69F00");
    figure.AddScaleBar();
    return figure.Svg("slice", TrackName(report_, track) + " on " + report_.timepoints()[t_].study_date + ", slice " +
                                   std::to_string(view_.SliceNumber(z)) + " of " + std::to_string(view_.size().z));
  }

  const LongitudinalReport& report_;
  std::size_t t_;
  const MeasuredStudy& study_;
  SliceView view_;
  std::vector<LesionExtent> extents_;
};

std::string MarkText(const LongitudinalReport& report, std::size_t k, std::size_t t) {
  std::string text = std::to_string(k + 1);
  const std::optional<ReferenceChange>& prior = report.verdicts[k][t].prior;
  text.append(" \xC2\xB7 ");
  if (prior && prior->change.percent) {
    text.append(PercentWords(prior->change.percent));
  } else {
    std::string words = ClassWords(report, k, t);
    std::replace(words.begin(), words.end(), '_', ' ');
    text.append(words);
  }
  return text;
}

Html WholeBody(const LongitudinalReport& report, std::size_t t, const MeasuredStudy& study) {
  const SliceView view(study.mask.grid);
  const Projection projection = Project(study.volumes.whole, study.mask, nullptr, LabelsOf(study.mask), view);
  std::vector<ProjectionMark> marks;
  for (std::size_t k = 0; k < report.tracks().size(); ++k) {
    const TrackCell& cell = report.tracks()[k].cells[t];
    const std::optional<ChangeClass>& change = report.verdicts[k][t].change;
    const MeasuredLesion* lesion = CellLesion(report, k, t);
    ProjectionMark mark{0, 0, MarkText(report, k, t), ColourOfChange(change), OutlineOfChange(change), {}};
    if (lesion != nullptr) {
      mark.label = lesion->lesion.label;
      mark.weight = lesion->lesion.volume_ml;
    } else if (cell.place_lps) {
      const Index3 at = IndexNear(view, study.mask.grid, *cell.place_lps);
      mark.at_mm = {(static_cast<double>(at.x) + 0.5) * view.spacing_mm().x,
                    (static_cast<double>(at.y) + 0.5) * view.spacing_mm().y};
    } else {
      continue;
    }
    marks.push_back(mark);
  }
  return DrawProjection(projection, view, marks,
                        "Maximum-intensity projection of the study of " + report.timepoints()[t].study_date + ", " +
                            view.PlaneName() + " view, with outlines, numbers and changes")
      .svg;
}

double LargestOf(const LongitudinalReport& report, std::size_t k) {
  double most = 0;
  for (std::size_t t = 0; t < report.timepoints().size(); ++t)
    most = std::max(most, CellVolume(report, k, t).value_or(0));
  return most;
}

}  // namespace

std::vector<std::size_t> TracksByNeed(const LongitudinalReport& report) {
  std::vector<std::size_t> order, rest;
  for (const LookAt& item : report.look_at) {
    if (item.track) order.push_back(*item.track);
  }
  for (std::size_t k = 0; k < report.tracks().size(); ++k) {
    if (std::find(order.begin(), order.end(), k) == order.end()) rest.push_back(k);
  }
  std::stable_sort(rest.begin(), rest.end(),
                   [&](std::size_t a, std::size_t b) { return LargestOf(report, a) > LargestOf(report, b); });
  order.insert(order.end(), rest.begin(), rest.end());
  return order;
}

LongitudinalPictures DrawLongitudinal(const LongitudinalReport& report, StudyShelf& shelf, const PictureLimits& limits,
                                      const OnLongitudinalProgress& progress) {
  const std::size_t count = report.timepoints().size();
  std::vector<std::size_t> shown = TracksByNeed(report);
  shown.resize(std::min(shown.size(), limits.lesions));
  LongitudinalPictures pictures;
  pictures.slices.assign(report.tracks().size(), std::vector<Html>(count));
  std::vector<double> side_mm(report.tracks().size(), kLeastSideMm);  // one scale for all pictures of a lesion
  for (std::size_t t = 0; t < count; ++t) {
    const std::shared_ptr<const MeasuredStudy> study = shelf.FindOrMask(t);
    const CellArtist artist(report, t, *study);
    for (const std::size_t k : shown) side_mm[k] = std::max(side_mm[k], 1.5 * artist.SideMm(k));
  }
  for (std::size_t t = 0; t < count; ++t) {
    if (progress) progress("pictures of " + report.timepoints()[t].study_date, 0.9);
    const std::shared_ptr<const MeasuredStudy> study = shelf.FindOrMask(t);
    const CellArtist artist(report, t, *study);
    for (const std::size_t k : shown) pictures.slices[k][t] = artist.Draw(k, side_mm[k]);
    if (t == report.Latest()) pictures.whole_body = WholeBody(report, t, *study);
  }
  std::size_t bytes = 0;
  for (const std::size_t k : shown) {
    for (const Html& slice : pictures.slices[k]) bytes += slice.page().size();
    if (bytes > limits.bytes) pictures.slices[k].assign(count, {});
    if (bytes > limits.bytes) ++pictures.left_out;
  }
  pictures.left_out += report.tracks().size() - shown.size();
  return pictures;
}

}  // namespace dinsd
