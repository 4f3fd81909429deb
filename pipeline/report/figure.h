#pragma once

#include <span>
#include <string>
#include <string_view>

#include "pipeline/report/contour.h"
#include "pipeline/report/html.h"
#include "pipeline/report/png.h"
#include "pipeline/report/slice_view.h"

namespace dinsd {

/// How image values become grey: `low` and below black, `high` and above white.
struct GreyWindow {
  float low = 0;
  float high = 1;

  [[nodiscard]] std::uint8_t Grey(float value) const;
};

/// Black at the 1st percentile of the values, white at the 99th of those above their mean (the body, not the air).
/// Values that are not finite are left out.
[[nodiscard]] GreyWindow WindowOf(std::span<const float> values);

/// Colour of a label's contours: six of the colours of Okabe and Ito ("Color Universal Design", 2008) that stand out on
/// grey and black, in turn. A colour never stands alone: numbers or captions say the same.
[[nodiscard]] std::string_view ColourOf(std::size_t label);

/// One picture of a page: an SVG whose units are millimetres, so that anisotropic voxels keep their shape, with the
/// grey picture as PNG and lines over it that stay sharp on any screen and on paper.
class Figure {
 public:
  /// A picture of `width_mm` x `height_mm` with `side_mm` black at its left and right; `unit_mm` is the height of a
  /// small letter.
  Figure(double width_mm, double height_mm, double side_mm, double unit_mm)
      : width_mm_(width_mm), height_mm_(height_mm), side_mm_(side_mm), unit_mm_(unit_mm) {}

  /// The grey picture from the top left corner on; `width_mm` x `height_mm` are what its pixels cover.
  void AddPicture(const Picture& picture, double width_mm, double height_mm);
  /// Contours in pixels of `mm_per_column` x `mm_per_row` whose corner (0, 0) lies at (x_mm, y_mm). `style` is a class.
  void AddContours(const std::vector<ContourLoop>& loops, double x_mm, double y_mm, double mm_per_column,
                   double mm_per_row, const Markup& style, std::string_view colour);
  void AddLine(double x1_mm, double y1_mm, double x2_mm, double y2_mm, const Markup& style, std::string_view colour);
  /// `style` also says where the text starts: its class's text-anchor.
  void AddText(double x_mm, double y_mm, double size_in_units, const Markup& style, std::string_view colour,
               std::string_view text);
  void AddPositiveClick(double x_mm, double y_mm, bool is_proposed);
  void AddNegativeClick(double x_mm, double y_mm);
  void AddEdgeLetters(const EdgeLetters& letters);
  /// A bar of a round length, at most a third of the width, with the length beside it.
  void AddScaleBar();

  [[nodiscard]] double unit_mm() const { return unit_mm_; }
  /// The whole picture; `style` is the class of the svg element, `description` its text for who cannot see it.
  [[nodiscard]] Html Svg(const Markup& style, std::string_view description) const;

 private:
  double width_mm_, height_mm_, side_mm_, unit_mm_;
  Html content_;
};

}  // namespace dinsd
