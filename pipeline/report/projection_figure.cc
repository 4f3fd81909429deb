#include <algorithm>

#include "pipeline/report/figure.h"
#include "pipeline/report/pictures.h"
#include "pipeline/report/projection.h"
#include "pipeline/report/projection_drawing.h"

namespace dinsd {
namespace {

std::vector<ProjectionMark> MarksOf(const StudyResult& result) {
  std::vector<ProjectionMark> marks;
  for (const LesionResult& lesion : result.lesions) {
    std::string text = std::to_string(lesion.label);
    text.append(" \xC2\xB7 ").append(VolumeDigits(lesion.volume_ml)).append(" mL");
    marks.push_back({lesion.label, lesion.volume_ml, text, ColourOf(lesion.label)});
  }
  return marks;
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
  const ProjectionDrawing drawing =
      DrawProjection(projection, view, MarksOf(result),
                     "Maximum-intensity projection of the whole volume, " + view.PlaneName() +
                         " view, with the contours, numbers and volumes");
  Html out;
  out << "<figure class=\"projection\">" << drawing.svg << Caption(view, projection, drawing.labelled) << "</figure>";
  return out;
}

}  // namespace dinsd
