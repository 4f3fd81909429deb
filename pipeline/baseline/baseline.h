#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/baseline/baseline_options.h"
#include "pipeline/baseline/region.h"

namespace dinsd {

/// The word of the command line: random-walker, graph-cut or active-contour, with -box for the form that is restricted
/// to boxes.
struct BaselineName {
  BaselineKind kind = BaselineKind::kRandomWalker;
  bool in_box = false;
};
[[nodiscard]] std::optional<BaselineName> BaselineOfWord(const std::string& word);

/// Every such word, for messages.
[[nodiscard]] std::vector<std::string> BaselineWords();

/// All settings of a kind in one line: masks are the same where it is equal.
[[nodiscard]] std::string SettingsText(const BaselineName& name, const BaselineOptions& options);

/// A classical method at work on one region.
class RegionBaseline {
 public:
  virtual ~RegionBaseline() = default;
  /// The mask of the region (1 = tumour) for all clicks so far, in the order in which they were made, on the image.
  [[nodiscard]] virtual std::vector<std::uint8_t> Segment(std::span<const Click> clicks) = 0;
};
[[nodiscard]] std::unique_ptr<RegionBaseline> MakeRegionBaseline(BaselineKind kind, Region region,
                                                                 const BaselineOptions& options);

/// A classical method at work on an image: in windows that open round the positive clicks, or on boxes, each by itself.
class Baseline {
 public:
  /// The mask is the union of those of `boxes`, or of the windows where none are given. `image` (`spacing_mm` z y x)
  /// must outlive this.
  Baseline(BaselineKind kind, const BaselineOptions& options, std::span<const float> image, const Size3& size,
           const Vec3& spacing_mm, const std::optional<std::vector<IndexBox>>& boxes = std::nullopt);

  /// The mask on the image for all clicks so far, in the order in which they were made: empty outside the boxes and in
  /// boxes without a positive click. A box is segmented again only where it has clicks that the last call had not.
  /// Throws what the method throws.
  [[nodiscard]] std::vector<std::uint8_t> Segment(std::span<const Click> clicks);

 private:
  struct Part {
    Region region;  // without its image
    std::unique_ptr<RegionBaseline> baseline;
    std::vector<Click> clicks;
    std::vector<std::uint8_t> mask;
  };
  [[nodiscard]] Part MakePart(const IndexBox& box) const;
  void OpenWindows(std::span<const Click> clicks);

  BaselineKind kind_;
  BaselineOptions options_;
  std::span<const float> image_;
  Size3 size_;
  Vec3 spacing_mm_;
  bool has_boxes_;
  std::vector<Part> parts_;
};

}  // namespace dinsd
