#pragma once

#include <string>
#include <vector>

#include "pipeline/prompt/prompts.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// One lesion of a proposal, for a person to judge.
struct ReviewLesion {
  std::string id;
  std::uint16_t label = 0;         // in today's mask
  std::uint16_t prior_label = 0;   // in the prior's masks; 0: it has no prior
  std::string facts;               // a sentence: volumes then and now
  std::vector<std::string> flags;  // in words
};

/// An image and its masks on one grid; they outlive the page's making.
struct ReviewImage {
  const Volume* volume = nullptr;
  const LabelMap* mapped = nullptr;  // dotted: on today's image the prior's mask brought over, on the prior's its own
  const LabelMap* mask = nullptr;    // today's; nullptr on the prior's image
};

struct ReviewInput {
  std::string title, about;
  std::string sidecar;          // the name of the file that the page saves
  std::string proposal_sha256;  // of the proposal, for `importedFrom`
  Prompts proposal;             // in any space, which what is saved has too; lesion k of it is lesion k of `lesions`
  std::vector<ReviewLesion> lesions;
  ReviewImage today;
  ReviewImage prior;                  // nothing where its image cannot be shown
  std::vector<std::string> findings;  // what speaks against the prior, in sentences
};

/// A page for a person to judge proposed clicks by: for each lesion the prior's image with its contour, today's slices
/// with the contour that was brought over, the one that was segmented, and the clicks, which can be kept, moved,
/// rejected, and added to. One file with script that opens from disk in any browser and needs no server; it saves a
/// dinsd-prompts/1 file of source `human` once every lesion is decided and a pseudonym given. A lesion for which no
/// click could be proposed is decided by a click, or by leaving it out of what is saved. Every string of an input
/// goes in as data, never as markup. Throws std::invalid_argument where proposal and lesions do not fit together.
[[nodiscard]] std::string ReviewPage(const ReviewInput& input);

}  // namespace dinsd
