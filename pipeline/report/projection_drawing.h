#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/report/html.h"
#include "pipeline/report/projection.h"
#include "pipeline/report/slice_view.h"

namespace dinsd {

/// One lesion in a picture of the projection.
struct ProjectionMark {
  std::uint16_t label = 0;   // whose outline is drawn
  double weight = 0;         // where there are more marks than lines beside the picture, the heaviest have one
  std::string text;          // beside the picture; empty: none
  std::string_view colour;   // of outline and text
  Markup style = "contour";  // class of the outline
  std::optional<std::array<double, 2>> at_mm;  // x, y from the top left corner: of a lesion without voxels, a cross
};

/// The projection with the marks' outlines and their texts at both sides, edge letters and a scale.
struct ProjectionDrawing {
  Html svg;
  std::size_t labelled = 0;  // marks whose text found room
};
/// `what` says what the picture shows, for who cannot see it; how many lesions are labelled is added.
[[nodiscard]] ProjectionDrawing DrawProjection(const Projection& projection, const SliceView& view,
                                               const std::vector<ProjectionMark>& marks, const std::string& what);

}  // namespace dinsd
