#include "pipeline/baseline/baseline.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "gpu/connected_components.h"
#include "pipeline/baseline/active_contour.h"
#include "pipeline/baseline/click_window.h"
#include "pipeline/baseline/graph_cut.h"
#include "pipeline/baseline/intensity.h"
#include "pipeline/baseline/random_walker.h"
#include "pipeline/baseline/seeds.h"

namespace dinsd {
namespace {

// In the order of BaselineKind.
constexpr std::array<std::pair<const char*, BaselineKind>, 3> kWords{
    {{"random-walker", BaselineKind::kRandomWalker},
     {"graph-cut", BaselineKind::kGraphCut},
     {"active-contour", BaselineKind::kActiveContour}}};

// Steps as multiples of the shortest, so that weights do not depend on the unit of length.
Vec3 RelativeSpacing(const Vec3& mm) {
  const double least = std::min({mm.z, mm.y, mm.x});
  return {mm.z / least, mm.y / least, mm.x / least};
}

// The pieces (6 neighbours) of a mask that hold a foreground seed.
std::vector<std::uint8_t> KeepSeeded(std::vector<std::uint8_t> mask, const Size3& size, std::span<const Seed> seeds) {
  const Components pieces = LabelComponents(mask, size, Connectivity::k6);
  std::vector<bool> is_seeded(pieces.sizes.size() + 1, false);
  for (std::size_t at = 0; at < mask.size(); ++at) {
    if (mask[at] != 0 && seeds[at] == Seed::kForeground) is_seeded[static_cast<std::size_t>(pieces.labels[at])] = true;
  }
  for (std::size_t at = 0; at < mask.size(); ++at) {
    if (!is_seeded[static_cast<std::size_t>(pieces.labels[at])]) mask[at] = 0;
  }
  return mask;
}

class RegionWalker : public RegionBaseline {
 public:
  RegionWalker(Region region, const BaselineOptions& options) : region_(std::move(region)), options_(options) {}

  [[nodiscard]] std::vector<std::uint8_t> Segment(std::span<const Click> clicks) override {
    const std::vector<Seed> seeds = PlaceSeeds(region_, clicks, options_.seed_radius_mm);
    const std::vector<Seed> known = PlaceSeeds(region_, clicks, options_.model_radius_mm);
    const std::vector<double> prior = ForegroundShare(region_.image, known, options_.random_walker.intensity);
    probability_ = WalkerProbability(region_.image, region_.size, RelativeSpacing(region_.spacing_mm), seeds,
                                     options_.random_walker, probability_, prior);
    std::vector<std::uint8_t> mask(probability_.size());
    std::transform(probability_.begin(), probability_.end(), mask.begin(), [](double p) { return p > 0.5 ? 1 : 0; });
    return KeepSeeded(std::move(mask), region_.size, seeds);
  }

 private:
  Region region_;
  BaselineOptions options_;
  std::vector<double> probability_;  // after the last click: the next one changes little of it
};

class RegionCut : public RegionBaseline {
 public:
  RegionCut(Region region, const BaselineOptions& options) : region_(std::move(region)), options_(options) {}

  [[nodiscard]] std::vector<std::uint8_t> Segment(std::span<const Click> clicks) override {
    const std::vector<Seed> seeds = PlaceSeeds(region_, clicks, options_.seed_radius_mm);
    const CutProblem problem =
        MakeCutProblem(region_.image, region_.size, RelativeSpacing(region_.spacing_mm), seeds, options_.graph_cut);
    return KeepSeeded(LeastCut(problem).foreground, region_.size, seeds);
  }

 private:
  Region region_;
  BaselineOptions options_;
};

class RegionContour : public RegionBaseline {
 public:
  RegionContour(Region region, const BaselineOptions& options)
      : region_(std::move(region)),
        options_(options),
        spacing_(RelativeSpacing(region_.spacing_mm)),
        speed_(EdgeSpeed(region_.image, region_.size, spacing_, options.active_contour)) {}

  [[nodiscard]] std::vector<std::uint8_t> Segment(std::span<const Click> clicks) override {
    const std::vector<Seed> seeds = PlaceSeeds(region_, clicks, options_.seed_radius_mm);
    const std::vector<Seed> known = PlaceSeeds(region_, clicks, options_.model_radius_mm);
    const std::vector<double> share = ForegroundShare(region_.image, known, options_.active_contour.intensity);
    return KeepSeeded(ActiveContour(speed_, region_.size, spacing_, seeds, options_.active_contour, share),
                      region_.size, seeds);
  }

 private:
  Region region_;
  BaselineOptions options_;
  Vec3 spacing_;
  std::vector<float> speed_;
};

std::string SettingsText(const IntensityOptions& o) {
  return (std::ostringstream() << "bins " << o.bins << ", smoothed by " << o.smoothing_bins << ", even share "
                               << o.even_share)
      .str();
}

std::string SettingsText(const RandomWalkerOptions& o) {
  return (std::ostringstream() << "beta " << o.beta << (o.steps == WalkerSteps::kSlope ? ", slopes" : ", flow")
                               << ", prior " << o.prior_weight << ", " << SettingsText(o.intensity) << ", tolerance "
                               << o.tolerance)
      .str();
}

std::string SettingsText(const GraphCutOptions& o) {
  return (std::ostringstream() << "region weight " << o.region_weight << ", beta " << o.beta << ", "
                               << SettingsText(o.intensity))
      .str();
}

std::string SettingsText(const ActiveContourOptions& o) {
  return (std::ostringstream() << "gradient sigma " << o.gradient_sigma << ", percentile " << o.gradient_percentile
                               << ", least speed " << o.least_speed << ", share from " << o.least_share << " to the "
                               << o.share_power << ", " << SettingsText(o.intensity) << ", propagation "
                               << o.propagation << ", curvature " << o.curvature << ", advection " << o.advection
                               << ", iterations " << o.iterations)
      .str();
}

std::string SettingsText(BaselineKind kind, const BaselineOptions& options) {
  switch (kind) {
    case BaselineKind::kRandomWalker:
      return SettingsText(options.random_walker);
    case BaselineKind::kGraphCut:
      return SettingsText(options.graph_cut);
    case BaselineKind::kActiveContour:
      return SettingsText(options.active_contour);
  }
  return "";
}

}  // namespace

std::optional<BaselineName> BaselineOfWord(const std::string& word) {
  for (const auto& [name, kind] : kWords) {
    if (word == name) return BaselineName{kind, false};
    if (word == std::string(name) + "-box") return BaselineName{kind, true};
  }
  return std::nullopt;
}

std::vector<std::string> BaselineWords() {
  std::vector<std::string> words;
  for (const auto& [name, kind] : kWords) {
    words.emplace_back(name);
    words.push_back(std::string(name) + "-box");
  }
  return words;
}

std::string SettingsText(const BaselineName& name, const BaselineOptions& options) {
  std::ostringstream text;
  text << kWords[static_cast<std::size_t>(name.kind)].first << " seeds " << options.seed_radius_mm
       << " mm, intensities of " << options.model_radius_mm << " mm, merged to " << options.region.merged_mm
       << " mm, at most " << options.region.most_voxels << " voxels";
  if (name.in_box) {
    text << ", boxes grown by " << options.box_margin_mm << " mm";
  } else {
    text << ", windows of " << options.window.half_mm << " mm less " << options.window.margin_mm << " mm";
  }
  text << ", " << SettingsText(name.kind, options);
  return text.str();
}

std::unique_ptr<RegionBaseline> MakeRegionBaseline(BaselineKind kind, Region region, const BaselineOptions& options) {
  switch (kind) {
    case BaselineKind::kRandomWalker:
      return std::make_unique<RegionWalker>(std::move(region), options);
    case BaselineKind::kGraphCut:
      return std::make_unique<RegionCut>(std::move(region), options);
    case BaselineKind::kActiveContour:
      return std::make_unique<RegionContour>(std::move(region), options);
  }
  throw std::invalid_argument("no such baseline");
}

Baseline::Baseline(BaselineKind kind, const BaselineOptions& options, std::span<const float> image, const Size3& size,
                   const Vec3& spacing_mm, const std::optional<std::vector<IndexBox>>& boxes)
    : kind_(kind),
      options_(options),
      image_(image),
      size_(size),
      spacing_mm_(spacing_mm),
      has_boxes_(boxes.has_value()) {
  for (const IndexBox& box : boxes.value_or(std::vector<IndexBox>{})) parts_.push_back(MakePart(box));
}

Baseline::Part Baseline::MakePart(const IndexBox& box) const {
  Part part;
  part.region = CutRegion(image_, size_, spacing_mm_, box, options_.region);
  Region with_image = part.region;
  part.region.image.clear();
  part.baseline = MakeRegionBaseline(kind_, std::move(with_image), options_);
  return part;
}

void Baseline::OpenWindows(std::span<const Click> clicks) {
  for (const Click& click : clicks) {
    if (click.polarity == Polarity::kNegative) continue;
    const bool has_window = std::any_of(parts_.begin(), parts_.end(), [&](const Part& part) {
      return IsWellInside(part.region.box, click.voxel, size_, spacing_mm_, options_.window);
    });
    if (!has_window) parts_.push_back(MakePart(WindowAround(click.voxel, size_, spacing_mm_, options_.window)));
  }
}

std::vector<std::uint8_t> Baseline::Segment(std::span<const Click> clicks) {
  if (!has_boxes_) OpenWindows(clicks);
  std::vector<std::uint8_t> mask(size_.VoxelCount());
  for (Part& part : parts_) {
    std::vector<Click> inside;
    std::copy_if(clicks.begin(), clicks.end(), std::back_inserter(inside),
                 [&](const Click& click) { return part.region.Holds(click.voxel); });
    if (std::none_of(inside.begin(), inside.end(),
                     [](const Click& click) { return click.polarity == Polarity::kPositive; }))
      continue;
    if (inside != part.clicks) {
      part.mask = part.baseline->Segment(inside);
      part.clicks = std::move(inside);
    }
    part.region.Paste(part.mask, size_, mask);
  }
  return mask;
}

}  // namespace dinsd
