#include <algorithm>
#include <cmath>
#include <functional>

#include "pipeline/report/figure.h"
#include "pipeline/report/follow_up_rows.h"
#include "pipeline/report/lesion_extent.h"
#include "pipeline/report/pictures.h"
#include "pipeline/report/report_facts.h"
#include "pipeline/report/slice_crop.h"

namespace dinsd {
namespace {

// A click in a view.
struct SeenClick {
  Index3 at;
  Polarity sign;
  bool is_proposed;
};

// What the pictures of one lesion have in common.
struct Crop {
  ViewBox box;
  GreyWindow window;
};

class StripArtist {
 public:
  StripArtist(const StudyResult& result, std::size_t most_slices)
      : result_(result), view_(result.volume.grid), most_slices_(most_slices) {
    std::size_t labels = 1;
    for (const LesionResult& lesion : result.lesions) labels = std::max<std::size_t>(labels, lesion.label + 1U);
    extents_ = ExtentsOf(result.mask, view_, labels);
  }

  // Nothing where the lesion has neither voxels, clicks nor a box.
  [[nodiscard]] Html Strip(std::size_t index) const;

 private:
  [[nodiscard]] std::vector<SeenClick> ClicksOf(std::size_t index) const;
  [[nodiscard]] LesionExtent ExtentToShow(std::size_t index, const std::vector<SeenClick>& clicks) const;
  [[nodiscard]] ViewBox Surroundings(const ViewBox& box) const;
  [[nodiscard]] Html Slice(std::size_t index, std::int64_t z, const Crop& crop, const std::vector<SeenClick>& clicks,
                           bool is_first) const;
  void AddPrior(std::size_t index, std::int64_t z, const ViewBox& box, Figure& figure) const;
  [[nodiscard]] std::vector<ContourLoop> Outline(const LabelMap& map, std::int64_t z, const ViewBox& box,
                                                 const std::function<bool(std::uint16_t)>& is_wanted) const {
    return OutlineInCrop(map, view_, z, box, is_wanted);
  }

  const StudyResult& result_;
  SliceView view_;
  std::size_t most_slices_;
  std::vector<LesionExtent> extents_;
};

Html StripArtist::Strip(std::size_t index) const {
  Html strip;
  const std::vector<SeenClick> clicks = ClicksOf(index);
  const LesionExtent extent = ExtentToShow(index, clicks);
  if (extent.z1 <= extent.z0 || extent.box.IsEmpty()) return strip;
  std::vector<std::int64_t> click_slices;
  click_slices.reserve(clicks.size());
  for (const SeenClick& click : clicks) click_slices.push_back(click.at.z);
  const std::int64_t begin = std::max<std::int64_t>(0, extent.z0 - 1);
  const std::int64_t end = std::min(view_.size().z, extent.z1 + 1);
  const ViewBox box = Surroundings(extent.box);
  const Crop crop{box, WindowOfCrop(result_.volume, view_, box, begin, end)};
  bool is_first = true;
  for (const std::int64_t z : ChooseSlices(click_slices, extent.largest_slice, begin, end, most_slices_)) {
    strip << Slice(index, z, crop, clicks, is_first);
    is_first = false;
  }
  return strip;
}

std::vector<SeenClick> StripArtist::ClicksOf(std::size_t index) const {
  std::vector<SeenClick> clicks;
  const ResolvedLesion* resolved = ResolvedOf(result_, index);
  if (resolved == nullptr) return clicks;
  for (const ResolvedClick& click : resolved->clicks) {
    const Index3 at = view_.FromGrid(click.ijk);
    if (!Contains(view_.size(), at)) continue;
    clicks.push_back({at, click.sign, click.status == ClickStatus::kProposed});
  }
  return clicks;
}

// The lesion's voxels and clicks; without either, its box.
LesionExtent StripArtist::ExtentToShow(std::size_t index, const std::vector<SeenClick>& clicks) const {
  LesionExtent extent = extents_[result_.lesions[index].label];
  const auto include = [&extent](const Index3& at) {
    if (extent.z1 <= extent.z0) extent = {.z0 = at.z, .z1 = at.z + 1, .largest_slice = at.z};
    extent.z0 = std::min(extent.z0, at.z);
    extent.z1 = std::max(extent.z1, at.z + 1);
    extent.box.Include(at.x, at.y);
  };
  for (const SeenClick& click : clicks) include(click.at);
  const ResolvedLesion* resolved = ResolvedOf(result_, index);
  if (extent.z1 > extent.z0 || resolved == nullptr || !resolved->box) return extent;
  const VoxelBox& box = *resolved->box;
  for (const std::array<std::int64_t, 3>& corner :
       {box.begin, std::array<std::int64_t, 3>{box.end[0] - 1, box.end[1] - 1, box.end[2] - 1}}) {
    if (Contains(view_.size(), view_.FromGrid(corner))) include(view_.FromGrid(corner));
  }
  if (extent.z1 > extent.z0) extent.largest_slice = (extent.z0 + extent.z1) / 2;
  return extent;
}

// The part of a slice that is shown: a margin of a quarter of the lesion, at least 60 mm wide and high, and neither
// side shorter than half of the other.
ViewBox StripArtist::Surroundings(const ViewBox& box) const {
  const double sx = view_.spacing_mm().x, sy = view_.spacing_mm().y;
  const double width = static_cast<double>(box.Width()) * sx, height = static_cast<double>(box.Height()) * sy;
  const double side = std::max({60.0, 1.5 * width, 1.5 * height});
  const double wanted_width = std::max(1.5 * width, side / 2), wanted_height = std::max(1.5 * height, side / 2);
  const double shorter = 60;
  const auto grow = [](double wanted, double have, double spacing) {
    return static_cast<std::int64_t>(std::ceil(std::max(0.0, wanted - have) / 2 / spacing));
  };
  return box.Grown(grow(std::max(wanted_width, shorter), width, sx), grow(std::max(wanted_height, shorter), height, sy))
      .ClippedTo(view_.All());
}

// Where the prior's lesion lies today, as the registration has it.
void StripArtist::AddPrior(std::size_t index, std::int64_t z, const ViewBox& box, Figure& figure) const {
  const std::optional<FollowUpRow> row = FollowUpRowOf(result_, index);
  if (!row || result_.follow_up->prior_mask.labels.empty()) return;
  const std::uint16_t label = row->followed->prior.label;
  figure.AddContours(Outline(result_.follow_up->prior_mask, z, box, [&](std::uint16_t l) { return l == label; }), 0, 0,
                     view_.spacing_mm().x, view_.spacing_mm().y, "prior", "#fff");
}

Html StripArtist::Slice(std::size_t index, std::int64_t z, const Crop& crop, const std::vector<SeenClick>& clicks,
                        bool is_first) const {
  const ViewBox& box = crop.box;
  const std::uint16_t label = result_.lesions[index].label;
  const double sx = view_.spacing_mm().x, sy = view_.spacing_mm().y;
  const double width = static_cast<double>(box.Width()) * sx, height = static_cast<double>(box.Height()) * sy;
  Figure figure(width, height, 0, width / 15);
  const Picture grey = GreyCrop(result_.volume, view_, z, box, crop.window);
  const auto block = static_cast<double>(CropBlock(box));
  figure.AddPicture(grey, grey.width * block * sx, grey.height * block * sy);
  figure.AddContours(Outline(result_.unprompted, z, box, [](std::uint16_t l) { return l != 0; }), 0, 0, sx, sy,
                     "unprompted", "#fff");
  figure.AddContours(Outline(result_.mask, z, box, [&](std::uint16_t l) { return l != 0 && l != label; }), 0, 0, sx, sy,
                     "other", "#fff");
  AddPrior(index, z, box, figure);
  const auto contour = Outline(result_.mask, z, box, [&](std::uint16_t l) { return l == label; });
  figure.AddContours(contour, 0, 0, sx, sy, "contour", ColourOf(label));
  std::size_t shown = 0;
  for (const SeenClick& click : clicks) {
    if (click.at.z != z) continue;
    ++shown;
    const double x = (static_cast<double>(click.at.x - box.x0) + 0.5) * sx;
    const double y = (static_cast<double>(click.at.y - box.y0) + 0.5) * sy;
    click.sign == Polarity::kPositive ? figure.AddPositiveClick(x, y, click.is_proposed)
                                      : figure.AddNegativeClick(x, y);
  }
  if (is_first) {
    figure.AddEdgeLetters(view_.letters());
    figure.AddScaleBar();
  }
  const std::string number = std::to_string(view_.SliceNumber(z));
  Html out;
  out << "<figure>"
      << figure.Svg("slice", "Lesion " + std::to_string(label) + ", slice " + number + " of " +
                                 std::to_string(view_.size().z) +
                                 (contour.empty() ? ", with " : ", with its contour and ") + std::to_string(shown) +
                                 (shown == 1 ? " click" : " clicks"))
      << "<figcaption>slice " << Text{number} << "</figcaption></figure>";
  return out;
}

// Lesions with flags or warnings first, then by volume.
std::vector<std::size_t> ByNeed(const StudyResult& result) {
  std::vector<std::size_t> order(result.lesions.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto has_remark = [&](std::size_t i) {
    return !FlagsOf(result, i).empty() || !result.lesions[i].warnings.empty();
  };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (has_remark(a) != has_remark(b)) return has_remark(a);
    return result.lesions[a].volume_ml > result.lesions[b].volume_ml;
  });
  return order;
}

}  // namespace

LesionStrips DrawLesionStrips(const StudyResult& result, const StripLimits& limits) {
  LesionStrips drawn;
  const StripArtist artist(result, limits.slices);
  std::size_t bytes = 0;
  bool is_full = false;
  for (const std::size_t index : ByNeed(result)) {
    is_full |= drawn.strips.size() >= limits.lesions;
    Html strip = is_full ? Html() : artist.Strip(index);
    if (!is_full && strip.empty()) continue;
    bytes += strip.page().size();
    is_full |= bytes > limits.bytes;
    if (is_full) {
      ++drawn.left_out;
      continue;
    }
    drawn.strips.push_back({index, std::move(strip)});
  }
  std::sort(drawn.strips.begin(), drawn.strips.end(),
            [](const LesionStrip& a, const LesionStrip& b) { return a.lesion < b.lesion; });
  return drawn;
}

}  // namespace dinsd
