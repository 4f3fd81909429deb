#include <algorithm>
#include <array>

#include "pipeline/report/figure.h"
#include "pipeline/report/pictures.h"
#include "pipeline/report/projection.h"

namespace dinsd {
namespace {

std::vector<ContourLoop> Contours(const ProjectedRegion& region, std::int64_t columns) {
  std::vector<bool> inside(static_cast<std::size_t>(region.box.Width() * region.box.Height()));
  const auto at = [&](std::int64_t x, std::int64_t y) { return static_cast<std::size_t>(y * region.box.Width() + x); };
  for (const std::size_t pixel : region.pixels) {
    const auto p = static_cast<std::int64_t>(pixel);
    inside[at(p % columns - region.box.x0, p / columns - region.box.y0)] = true;
  }
  return TraceContours(static_cast<int>(region.box.Width()), static_cast<int>(region.box.Height()),
                       [&](int x, int y) { return inside[at(x, y)]; });
}

void DrawRegion(Figure& figure, const ProjectedRegion& region, const SliceView& view, const Markup& style,
                std::string_view colour) {
  if (region.pixels.empty()) return;
  const double sx = view.spacing_mm().x, sy = view.spacing_mm().y;
  figure.AddContours(Contours(region, view.size().x), static_cast<double>(region.box.x0) * sx,
                     static_cast<double>(region.box.y0) * sy, sx, sy, style, colour);
}

struct MarginLabel {
  double x = 0, y = 0;  // mm, where the lesion is
  double text_y = 0;    // mm, where its label is
  const LesionResult* lesion = nullptr;
};

// Labels of one margin, moved apart so that none covers another, each as near to its lesion as that allows.
void MoveApart(std::vector<MarginLabel>& labels, double height, double gap) {
  std::sort(labels.begin(), labels.end(), [](const MarginLabel& a, const MarginLabel& b) { return a.y < b.y; });
  double lowest = 0.8 * gap;
  for (MarginLabel& label : labels) {
    label.text_y = std::max(label.y, lowest);
    lowest = label.text_y + gap;
  }
  double highest = height - 0.4 * gap;
  for (auto label = labels.rbegin(); label != labels.rend(); ++label) {
    label->text_y = std::min(label->text_y, highest);
    highest = label->text_y - gap;
  }
}

// The labels of both margins; where there are more lesions than lines, the largest have one.
std::array<std::vector<MarginLabel>, 2> PlaceLabels(const StudyResult& result, const Projection& projection,
                                                    const SliceView& view, double height, double gap) {
  std::vector<const LesionResult*> by_volume;
  for (const LesionResult& lesion : result.lesions) {
    if (!projection.by_label[lesion.label].pixels.empty()) by_volume.push_back(&lesion);
  }
  std::stable_sort(by_volume.begin(), by_volume.end(),
                   [](const LesionResult* a, const LesionResult* b) { return a->volume_ml > b->volume_ml; });
  const auto lines = static_cast<std::size_t>(std::max(1.0, (height - gap) / gap));
  std::array<std::vector<MarginLabel>, 2> sides;
  for (const LesionResult* lesion : by_volume) {
    const ViewBox& box = projection.by_label[lesion->label].box;
    const double x = static_cast<double>(box.x0 + box.x1) / 2 * view.spacing_mm().x;
    const double y = static_cast<double>(box.y0 + box.y1) / 2 * view.spacing_mm().y;
    const std::size_t near = x < static_cast<double>(view.size().x) / 2 * view.spacing_mm().x ? 0 : 1;
    const std::size_t side = sides[near].size() < lines ? near : 1 - near;
    if (sides[side].size() < lines) sides[side].push_back({x, y, 0, lesion});
  }
  for (auto& side : sides) MoveApart(side, height, gap);
  return sides;
}

void DrawLabels(Figure& figure, const std::array<std::vector<MarginLabel>, 2>& sides, const Projection& projection,
                const SliceView& view, double width) {
  const double u = figure.unit_mm(), sx = view.spacing_mm().x;
  for (const std::size_t side : {0U, 1U}) {
    for (const MarginLabel& label : sides[side]) {
      const ViewBox& box = projection.by_label[label.lesion->label].box;
      const double edge = static_cast<double>(side == 0 ? box.x0 : box.x1) * sx;
      const double margin = side == 0 ? -0.3 * u : width + 0.3 * u;
      const std::string_view colour = ColourOf(label.lesion->label);
      figure.AddLine(margin, label.text_y - 0.3 * u, edge, label.y, "leader", colour);
      const std::string text =
          std::to_string(label.lesion->label) + " \xC2\xB7 " + VolumeDigits(label.lesion->volume_ml) + " mL";
      figure.AddText(side == 0 ? margin - 0.2 * u : margin + 0.2 * u, label.text_y, 1,
                     side == 0 ? Markup("end") : Markup("start"), colour, text);
    }
  }
}

Html Caption(const SliceView& view, const Projection& projection, std::size_t labelled) {
  const auto drawn = static_cast<std::size_t>(std::count_if(projection.by_label.begin() + 1, projection.by_label.end(),
                                                            [](const auto& region) { return !region.pixels.empty(); }));
  Html html;
  html << "<figcaption><p>"
       << Text{"Brightest voxel of all " + std::to_string(view.size().z) + " slices, " + view.PlaneName() + " view."}
       << "</p><p>Each line is the outline of a lesion's mask over all slices, with the lesion's number and volume "
       << "beside the picture.</p>";
  if (labelled < drawn) {
    html << "<p>Numbers stand at the " << Text{std::to_string(labelled)} << " largest of "
         << Text{std::to_string(drawn)} << " lesions.</p>";
  }
  if (!projection.by_label[0].pixels.empty()) {
    html << "<p>Dashed white line: seen by the network, but reached by no click.</p>";
  }
  html << "</figcaption>";
  return html;
}

}  // namespace

bool HasPictures(const StudyResult& result) {
  const std::size_t voxels = result.volume.grid.SizeZyx().VoxelCount();
  return voxels > 0 && result.volume.voxels.size() == voxels && result.mask.labels.size() == voxels &&
         result.unprompted.labels.size() == voxels;
}

Html ProjectionFigure(const StudyResult& result) {
  const SliceView view(result.volume.grid);
  const Projection projection = Project(result, view);
  const double width = static_cast<double>(view.size().x) * view.spacing_mm().x;
  const double height = static_cast<double>(view.size().y) * view.spacing_mm().y;
  const double unit = std::max(height / 75, width / 48);
  const double side = 8 * unit;  // room for "123 · 45.6 mL"
  Figure figure(width, height, side, unit);
  const Picture grey = GreyPicture(projection, view);
  const auto block = static_cast<double>(BlockSize(view));
  figure.AddPicture(grey, grey.width * block * view.spacing_mm().x, grey.height * block * view.spacing_mm().y);
  DrawRegion(figure, projection.by_label[0], view, "unprompted", "#fff");
  for (std::size_t label = 1; label < projection.by_label.size(); ++label) {
    DrawRegion(figure, projection.by_label[label], view, "contour", ColourOf(label));
  }
  const auto sides = PlaceLabels(result, projection, view, height, 1.15 * unit);
  DrawLabels(figure, sides, projection, view, width);
  figure.AddEdgeLetters(view.letters());
  figure.AddScaleBar();
  const std::size_t labelled = sides[0].size() + sides[1].size();
  Html out;
  out << "<figure class=\"projection\">"
      << figure.Svg(height > width + 2 * side ? Markup("tall") : Markup("wide"),
                    "Maximum-intensity projection of the whole volume, " + view.PlaneName() +
                        " view, with the contours, numbers and volumes of " + std::to_string(labelled) + " lesions")
      << Caption(view, projection, labelled) << "</figure>";
  return out;
}

}  // namespace dinsd
