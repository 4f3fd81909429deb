#include "pipeline/report/review_page.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "pipeline/prompt/prompt_space.h"
#include "pipeline/report/contour.h"
#include "pipeline/report/figure.h"
#include "pipeline/report/lesion_extent.h"
#include "pipeline/report/png.h"
#include "pipeline/report/report_json.h"
#include "pipeline/report/slice_view.h"

namespace dinsd {

extern const std::string_view kReviewPageText;  // pages/review.html

namespace {

using nlohmann::json;
using Point = std::array<double, 3>;  // LPS mm

constexpr double kLeastSideMm = 80;      // of a picture
constexpr double kMarginMm = 25;         // round what is shown of a lesion
constexpr std::size_t kMostSlices = 7;   // of a lesion
constexpr std::size_t kPriorSlices = 2;  // of the prior's image

// An image as it is shown, and where its labels lie.
struct Seen {
  explicit Seen(const ReviewImage& of) : image(of), view(of.volume->grid) {
    if (of.mapped != nullptr) mapped = ExtentsOf(*of.mapped, view, LabelCount(*of.mapped));
    if (of.mask != nullptr) mask = ExtentsOf(*of.mask, view, LabelCount(*of.mask));
  }

  static std::size_t LabelCount(const LabelMap& map) {
    const auto most = std::max_element(map.labels.begin(), map.labels.end());
    return most == map.labels.end() ? 1 : *most + std::size_t{1};
  }

  ReviewImage image;
  SliceView view;
  std::vector<LesionExtent> mapped, mask;
};

// What of one lesion is in an image: its labels in the masks, its clicks as voxels of the view.
struct Shown {
  const Seen& seen;
  std::uint16_t mapped_label, label;
  std::vector<Index3> clicks;

  [[nodiscard]] const SliceView& View() const { return seen.view; }
  [[nodiscard]] const Volume& Image() const { return *seen.image.volume; }
};

Point PlaceOf(const Shown& shown, std::int64_t z, std::int64_t y, std::int64_t x) {
  const GridGeometry& grid = shown.Image().grid;
  const Index3 v = IndexAt(grid.SizeZyx(), shown.View().Offset(z, y, x));
  return LpsFromIndex(grid, {static_cast<double>(v.x), static_cast<double>(v.y), static_cast<double>(v.z)});
}

json Minus(const Point& a, const Point& b) {
  return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}

// Everything that the lesion's masks and clicks cover, over all slices.
LesionExtent ExtentOf(const Shown& shown) {
  LesionExtent extent;
  const auto include = [&](std::int64_t z, std::int64_t y, std::int64_t x) {
    if (extent.z1 <= extent.z0) extent = {.z0 = z, .z1 = z + 1, .largest_slice = z};
    extent.z0 = std::min(extent.z0, z);
    extent.z1 = std::max(extent.z1, z + 1);
    extent.box.Include(x, y);
  };
  for (const auto& [extents, label] :
       {std::pair{&shown.seen.mapped, shown.mapped_label}, {&shown.seen.mask, shown.label}}) {
    if (label == 0 || label >= extents->size()) continue;
    const LesionExtent& part = (*extents)[label];
    if (part.z1 <= part.z0) continue;
    include(part.z0, part.box.y0, part.box.x0);
    include(part.z1 - 1, part.box.y1 - 1, part.box.x1 - 1);
    extent.largest_slice = part.largest_slice;
  }
  for (const Index3& click : shown.clicks) include(click.z, click.y, click.x);
  return extent;
}

ViewBox WithMargin(const ViewBox& box, const SliceView& view) {
  const auto more = [&](std::int64_t have, double spacing) {
    const double mm = static_cast<double>(have) * spacing;
    return static_cast<std::int64_t>(std::ceil(std::max(kMarginMm, (kLeastSideMm - mm) / 2) / spacing));
  };
  return box.Grown(more(box.Width(), view.spacing_mm().x), more(box.Height(), view.spacing_mm().y))
      .ClippedTo(view.All());
}

std::string Path(const LabelMap* map, std::uint16_t label, const Shown& shown, std::int64_t z, const ViewBox& box) {
  if (map == nullptr || label == 0) return "";
  return ContourPath(TraceContours(static_cast<int>(box.Width()), static_cast<int>(box.Height()), [&](int x, int y) {
    return map->labels[shown.View().Offset(z, box.y0 + y, box.x0 + x)] == label;
  }));
}

std::string Png(const Shown& shown, std::int64_t z, const ViewBox& box, const GreyWindow& window) {
  Picture picture{static_cast<int>(box.Width()), static_cast<int>(box.Height()), 1, {}};
  for (std::int64_t y = box.y0; y < box.y1; ++y) {
    for (std::int64_t x = box.x0; x < box.x1; ++x)
      picture.samples.push_back(window.Grey(shown.Image().voxels[shown.View().Offset(z, y, x)]));
  }
  return PngDataUri(picture);
}

GreyWindow WindowIn(const Shown& shown, const LesionExtent& extent, const ViewBox& box) {
  std::vector<float> values;
  for (std::int64_t z = extent.z0; z < extent.z1; ++z) {
    for (std::int64_t y = box.y0; y < box.y1; ++y) {
      for (std::int64_t x = box.x0; x < box.x1; ++x)
        values.push_back(shown.Image().voxels[shown.View().Offset(z, y, x)]);
    }
  }
  return WindowOf(values);
}

json SliceJson(const Shown& shown, std::int64_t z, const ViewBox& box, const GreyWindow& window,
               const std::string& words) {
  const Point origin = PlaceOf(shown, z, box.y0, box.x0);
  const std::int64_t beside = z + 1 < shown.View().size().z ? z + 1 : z - 1;
  return {{"png", Png(shown, z, box, window)},
          {"width", box.Width()},
          {"height", box.Height()},
          {"mm", {shown.View().spacing_mm().x, shown.View().spacing_mm().y}},
          {"origin", origin},
          {"right", Minus(PlaceOf(shown, z, box.y0, box.x0 + 1), origin)},
          {"down", Minus(PlaceOf(shown, z, box.y0 + 1, box.x0), origin)},
          {"across", Minus(PlaceOf(shown, beside, box.y0, box.x0), origin)},
          {"mapped", Path(shown.seen.image.mapped, shown.mapped_label, shown, z, box)},
          {"mask", Path(shown.seen.image.mask, shown.label, shown, z, box)},
          {"caption", words + ", slice " + std::to_string(shown.View().SliceNumber(z))}};
}

// `beside`: how many slices before and after those of the lesion may be shown.
json SlicesJson(const Shown& shown, std::size_t most, std::int64_t beside, const std::string& words) {
  json slices = json::array();
  const LesionExtent extent = ExtentOf(shown);
  if (extent.z1 <= extent.z0) return slices;
  const ViewBox box = WithMargin(extent.box, shown.View());
  if (box.Width() < 2 || box.Height() < 2 || shown.View().size().z < 2) return slices;
  const GreyWindow window = WindowIn(shown, extent, box);
  std::vector<std::int64_t> click_slices;
  click_slices.reserve(shown.clicks.size());
  for (const Index3& click : shown.clicks) click_slices.push_back(click.z);
  const std::int64_t begin = std::max<std::int64_t>(0, extent.z0 - beside);
  const std::int64_t end = std::min(shown.View().size().z, extent.z1 + beside);
  for (const std::int64_t z : ChooseSlices(click_slices, extent.largest_slice, begin, end, most))
    slices.push_back(SliceJson(shown, z, box, window, words));
  return slices;
}

std::vector<Index3> ClicksIn(const PromptLesion& lesion, const Seen& seen) {
  std::vector<Index3> clicks;
  for (const PromptClick& click : lesion.clicks) {
    const Point index = IndexFromLps(seen.image.volume->grid, click.p);
    const Index3 at = seen.view.FromGrid({std::llround(index[0]), std::llround(index[1]), std::llround(index[2])});
    if (Contains(seen.view.size(), at)) clicks.push_back(at);
  }
  return clicks;
}

// Where the page shows a click, in LPS mm, and where its file has it: a click that nobody moves is saved as it was.
json ClicksJson(const PromptLesion& given, const PromptLesion& in_lps) {
  json clicks = json::array();
  for (std::size_t n = 0; n < given.clicks.size(); ++n) {
    const PromptClick& click = given.clicks[n];
    const bool is_rejected = click.status == ClickStatus::kRejected;
    clicks.push_back({{"p", in_lps.clicks[n].p},
                      {"given", click.p},
                      {"sign", click.sign == Polarity::kPositive ? "+" : "-"},
                      {"status", is_rejected ? "rejected" : "proposed"}});
  }
  return clicks;
}

// The rows of the affine map from LPS mm to the space of the file.
json FromLpsJson(const Prompts& prompts) {
  const Point zero = FromLps(prompts, {0, 0, 0});
  json rows = json::array();
  for (std::size_t row = 0; row < 3; ++row) {
    json numbers = json::array();
    for (std::size_t axis = 0; axis < 3; ++axis) {
      Point one{};
      one.at(axis) = 1;
      numbers.push_back(FromLps(prompts, one).at(row) - zero.at(row));
    }
    numbers.push_back(zero.at(row));
    rows.push_back(numbers);
  }
  return rows;
}

json LesionJson(const ReviewInput& input, const Seen& today, const Seen* prior, std::size_t index) {
  const ReviewLesion& lesion = input.lesions[index];
  const PromptLesion& given = input.proposal.lesions[index];
  const PromptLesion prompts = WithClicksInLps(input.proposal, given);
  const json then =
      prior == nullptr ? json::array() : SlicesJson({*prior, lesion.prior_label, 0, {}}, kPriorSlices, 0, "prior");
  return {{"number", index + 1},
          {"id", lesion.id},
          {"facts", lesion.facts},
          {"flags", lesion.flags},
          {"clicks", ClicksJson(given, prompts)},
          {"has_box", given.box.has_value()},
          {"then", then},
          {"slices",
           SlicesJson({today, lesion.prior_label, lesion.label, ClicksIn(prompts, today)}, kMostSlices, 1, "today")}};
}

json DataOf(const ReviewInput& input) {
  const Seen today(input.today);
  const std::optional<Seen> prior =
      input.prior.volume == nullptr ? std::nullopt : std::optional<Seen>(std::in_place, input.prior);
  json lesions = json::array();
  for (std::size_t k = 0; k < input.lesions.size(); ++k)
    lesions.push_back(LesionJson(input, today, prior ? &*prior : nullptr, k));
  return {{"title", input.title},
          {"about", input.about},
          {"sidecar", input.sidecar},
          {"proposal_sha256", input.proposal_sha256},
          {"version", DINSD_VERSION},
          {"prompts", PromptsToJson(input.proposal)},
          {"from_lps", FromLpsJson(input.proposal)},
          {"findings", input.findings},
          {"lesions", lesions}};
}

}  // namespace

std::string ReviewPage(const ReviewInput& input) {
  if (input.lesions.size() != input.proposal.lesions.size())
    throw std::invalid_argument("ReviewPage: the proposal is not of these lesions");
  if (input.proposal.space == PromptSpace::kVoxelIjk && !input.proposal.image.grid)
    throw std::invalid_argument("ReviewPage: the proposal counts voxels of a grid that it does not state");
  json data = DataOf(input);
  CleanStrings(data);
  std::string text = data.dump();
  for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at))
    text.replace(at, 1, "\\u003c");
  std::string page(kReviewPageText);
  constexpr std::string_view kPlace = "@DATA@";
  page.replace(page.find(kPlace), kPlace.size(), text);
  return page;
}

}  // namespace dinsd
