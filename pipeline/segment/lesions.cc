#include "pipeline/segment/lesions.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>

#include "gpu/connected_components.h"
#include "model/box_mode.h"
#include "pipeline/segment/geodesic.h"

namespace dinsd {
namespace {

Index3 Kji(const std::array<std::int64_t, 3>& ijk) {
  return {ijk[2], ijk[1], ijk[0]};
}

IndexBox KjiBox(const VoxelBox& box) {
  return {Kji(box.begin), Kji(box.end)};
}

bool IsInside(const IndexBox& box, const Index3& v) {
  return v.z >= box.begin.z && v.z < box.end.z && v.y >= box.begin.y && v.y < box.end.y && v.x >= box.begin.x &&
         v.x < box.end.x;
}

bool HasPositiveClick(const ResolvedLesion& lesion) {
  return std::any_of(lesion.clicks.begin(), lesion.clicks.end(),
                     [](const ResolvedClick& c) { return c.sign == Polarity::kPositive; });
}

class Division {
 public:
  Division(std::span<const std::uint8_t> mask, const GridGeometry& grid, const ResolvedPrompts& prompts)
      : mask_(mask),
        size_(grid.SizeZyx()),
        spacing_{grid.spacing[2], grid.spacing[1], grid.spacing[0]},
        prompts_(prompts),
        seeds_(prompts.lesions.size()) {
    result_.lesions.resize(prompts.lesions.size());
  }

  DividedMask Run() {
    for (std::size_t k = 0; k < prompts_.lesions.size(); ++k) FindSeeds(k);
    FlagShared();
    SpreadUnboxed();
    for (std::size_t k = 0; k < prompts_.lesions.size(); ++k) {
      if (prompts_.lesions[k].box && !seeds_[k].empty()) SpreadInBox(k);
    }
    for (std::size_t k = 0; k < prompts_.lesions.size(); ++k) {
      if (prompts_.lesions[k].box && !HasPositiveClick(prompts_.lesions[k])) TakeBox(k);
    }
    result_.unprompted.resize(mask_.size());
    for (std::size_t at = 0; at < mask_.size(); ++at) {
      result_.unprompted[at] = mask_[at] != 0 && result_.labels[at] == 0 ? 1 : 0;
    }
    for (std::size_t k = 0; k < prompts_.lesions.size(); ++k) CheckPositives(k);
    for (std::size_t k = 0; k < prompts_.lesions.size(); ++k) CheckNegatives(k);
    CheckBackground();
    return std::move(result_);
  }

 private:
  static std::uint16_t LabelOf(std::size_t lesion) { return static_cast<std::uint16_t>(lesion + 1); }

  void Warn(std::size_t lesion, const std::string& sentence) { result_.lesions[lesion].warnings.push_back(sentence); }

  void Flag(std::size_t lesion, const std::string& flag) {
    std::vector<std::string>& flags = result_.lesions[lesion].flags;
    if (std::find(flags.begin(), flags.end(), flag) == flags.end()) flags.push_back(flag);
  }

  // The positive clicks of a lesion that lie in the mask and in its box.
  void FindSeeds(std::size_t k) {
    const ResolvedLesion& lesion = prompts_.lesions[k];
    for (const ResolvedClick& click : lesion.clicks) {
      if (click.sign != Polarity::kPositive) continue;
      const Index3 v = Kji(click.ijk);
      const std::string where = "positive click at voxel " + VoxelWords(click.ijk);
      if (lesion.box && !IsInside(KjiBox(*lesion.box), v)) {
        Warn(k, where + " lies outside the lesion's box: it reaches nothing");
      } else if (mask_[Offset(size_, v)] == 0) {
        Warn(k, where + " lies outside the mask: it reaches nothing");
        Flag(k, "click_outside");
      } else {
        seeds_[k].push_back({v, LabelOf(k)});
      }
    }
  }

  void FlagShared() {
    const Components parts = LabelComponents(mask_, size_, Connectivity::k26);
    std::map<std::int32_t, std::set<std::size_t>> lesions_of_part;
    for (std::size_t k = 0; k < seeds_.size(); ++k) {
      for (const GeodesicSeed& seed : seeds_[k]) lesions_of_part[parts.labels[Offset(size_, seed.voxel)]].insert(k);
    }
    std::set<std::size_t> sharing;
    for (const auto& [part, lesions] : lesions_of_part) {
      if (lesions.size() > 1) sharing.insert(lesions.begin(), lesions.end());
    }
    for (const std::size_t k : sharing) result_.lesions[k].flags.emplace_back("shared_component");
  }

  void SpreadUnboxed() {
    std::vector<GeodesicSeed> all;
    for (std::size_t k = 0; k < seeds_.size(); ++k) {
      if (!prompts_.lesions[k].box) all.insert(all.end(), seeds_[k].begin(), seeds_[k].end());
    }
    GeodesicOwners owners = SpreadInside(mask_, size_, spacing_, all);
    result_.labels = std::move(owners.owner);
    distance_ = std::move(owners.distance_mm);
  }

  // Competes by distance with what was given away before.
  void SpreadInBox(std::size_t k) {
    const IndexBox box = KjiBox(*prompts_.lesions[k].box);
    const Size3 inner{box.end.z - box.begin.z, box.end.y - box.begin.y, box.end.x - box.begin.x};
    std::vector<GeodesicSeed> seeds = seeds_[k];
    for (GeodesicSeed& s : seeds) {
      s.voxel = {s.voxel.z - box.begin.z, s.voxel.y - box.begin.y, s.voxel.x - box.begin.x};
    }
    const GeodesicOwners owners = SpreadInside(CutOut<std::uint8_t>(mask_, size_, box), inner, spacing_, seeds);
    for (std::size_t in_box = 0; in_box < owners.owner.size(); ++in_box) {
      if (owners.owner[in_box] == 0) continue;
      const Index3 v = IndexAt(inner, in_box);
      const std::size_t at = Offset(size_, {v.z + box.begin.z, v.y + box.begin.y, v.x + box.begin.x});
      const float d = owners.distance_mm[in_box];
      if (d < distance_[at] || (d == distance_[at] && LabelOf(k) < result_.labels[at])) {
        distance_[at] = d;
        result_.labels[at] = LabelOf(k);
      }
    }
  }

  void TakeBox(std::size_t k) {
    const IndexBox box = KjiBox(*prompts_.lesions[k].box);
    std::int64_t taken_by_others = 0;
    for (std::int64_t z = box.begin.z; z < box.end.z; ++z) {
      for (std::int64_t y = box.begin.y; y < box.end.y; ++y) {
        for (std::int64_t x = box.begin.x; x < box.end.x; ++x) {
          const std::size_t at = Offset(size_, {z, y, x});
          if (mask_[at] == 0) continue;
          if (result_.labels[at] != 0) {
            ++taken_by_others;
          } else {
            result_.labels[at] = LabelOf(k);
          }
        }
      }
    }
    if (taken_by_others == 0) return;
    Warn(k, std::to_string(taken_by_others) + " voxels of the mask in the lesion's box belong to other lesions");
  }

  // Of two lesions that were clicked in one voxel, one gets what both reach.
  void CheckPositives(std::size_t k) {
    for (const GeodesicSeed& seed : seeds_[k]) {
      const std::uint16_t owner = result_.labels[Offset(size_, seed.voxel)];
      if (owner == LabelOf(k) || owner == 0) continue;
      const std::string where = "positive click at voxel " + VoxelWords({seed.voxel.x, seed.voxel.y, seed.voxel.z});
      Warn(k, where + " lies in what lesion " + std::to_string(owner) + " got: both were clicked at one place");
      Warn(owner - 1U, where + " of lesion " + std::to_string(LabelOf(k)) +
                           " lies in this lesion: the two cannot be told apart there");
    }
  }

  void CheckNegatives(std::size_t k) {
    for (const ResolvedClick& click : prompts_.lesions[k].clicks) {
      if (click.sign != Polarity::kNegative || result_.labels[Offset(size_, Kji(click.ijk))] != LabelOf(k)) continue;
      Warn(k, "negative click at voxel " + VoxelWords(click.ijk) + " lies inside the lesion");
    }
  }

  void CheckBackground() {
    for (const ResolvedClick& click : prompts_.background) {
      const std::size_t at = Offset(size_, Kji(click.ijk));
      if (mask_[at] == 0) continue;
      const std::string where = result_.labels[at] == 0 ? "a part of the mask that no click reaches"
                                                        : "lesion " + std::to_string(result_.labels[at]);
      result_.warnings.push_back("background click at voxel " + VoxelWords(click.ijk) + " lies inside " + where);
    }
  }

  std::span<const std::uint8_t> mask_;
  Size3 size_;
  Vec3 spacing_;
  const ResolvedPrompts& prompts_;
  std::vector<std::vector<GeodesicSeed>> seeds_;
  std::vector<float> distance_;
  DividedMask result_;
};

}  // namespace

DividedMask DivideMask(std::span<const std::uint8_t> mask, const GridGeometry& grid, const ResolvedPrompts& prompts) {
  if (prompts.lesions.size() > std::numeric_limits<std::uint16_t>::max()) {
    throw std::invalid_argument("more lesions than a label map has labels");
  }
  if (mask.size() != grid.SizeZyx().VoxelCount()) throw std::invalid_argument("the mask does not fill the grid");
  return Division(mask, grid, prompts).Run();
}

std::string VoxelWords(const std::array<std::int64_t, 3>& ijk) {
  std::string words = "(";
  words += std::to_string(ijk[0]) + ", " + std::to_string(ijk[1]) + ", " + std::to_string(ijk[2]) + ")";
  return words;
}

}  // namespace dinsd
