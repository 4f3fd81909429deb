#include "pipeline/followup/review_record.h"

#include <algorithm>
#include <cstdio>

namespace dinsd {
namespace {

void Count(const ReviewedLesion& lesion, ReviewChanges& changes) {
  for (const ReviewedClick& click : lesion.clicks) {
    switch (click.decision) {
      case ClickDecision::kKept:
        ++changes.kept;
        break;
      case ClickDecision::kMoved:
        ++changes.moved;
        break;
      case ClickDecision::kRejected:
        ++changes.rejected;
        break;
      case ClickDecision::kAdded:
        ++changes.added;
        break;
    }
  }
}

double Farthest(const ReviewedLesion& lesion) {
  double farthest = 0;
  for (const ReviewedClick& click : lesion.clicks) farthest = std::max(farthest, click.moved_mm);
  return farthest;
}

void Add(std::string& words, int count, const char* what, const std::string& more = "") {
  if (count == 0) return;
  words.append(words.empty() ? "" : ", ").append(std::to_string(count));
  if (words.find(" click") == std::string::npos) words.append(count == 1 ? " click" : " clicks");
  words.append(" ").append(what).append(more);
}

std::string InWords(const ReviewChanges& changes, double farthest_mm) {
  std::array<char, 48> by{};
  (void)std::snprintf(by.data(), by.size(), " (by up to %.1f mm)", farthest_mm);
  std::string words;
  Add(words, changes.kept, "kept");
  Add(words, changes.moved, "moved", by.data());
  Add(words, changes.rejected, "rejected");
  Add(words, changes.added, "added");
  return words.empty() ? "no click" : words;
}

// "laterality R (was L), type discrete (was none)".
std::string ChangesInWords(const ReviewedLesion& lesion) {
  std::string words;
  for (const std::string& change : lesion.changes) words.append(words.empty() ? "" : ", ").append(change);
  return words;
}

}  // namespace

const char* Word(ClickDecision decision) {
  constexpr std::array<const char*, 4> kWords = {"kept", "moved", "rejected", "added"};
  return kWords.at(static_cast<std::size_t>(decision));
}

ReviewChanges ChangesOf(const ReviewedLesion& lesion) {
  ReviewChanges changes;
  Count(lesion, changes);
  changes.lesions_added = lesion.is_added ? 1 : 0;
  return changes;
}

ReviewChanges ChangesOf(const ReviewRecord& record) {
  ReviewChanges changes;
  for (const ReviewedLesion& lesion : record.lesions) {
    Count(lesion, changes);
    changes.lesions_added += lesion.is_added ? 1 : 0;
  }
  return changes;
}

std::string InWords(const ReviewedLesion& lesion) {
  const std::string changes = ChangesInWords(lesion);
  return InWords(ChangesOf(lesion), Farthest(lesion)) + (changes.empty() ? "" : "; " + changes);
}

std::string InWords(const ReviewRecord& record) {
  double farthest = 0;
  for (const ReviewedLesion& lesion : record.lesions) farthest = std::max(farthest, Farthest(lesion));
  const ReviewChanges changes = ChangesOf(record);
  std::string words = InWords(changes, farthest);
  if (changes.lesions_added > 0) {
    words.append("; ").append(std::to_string(changes.lesions_added));
    words.append(changes.lesions_added == 1 ? " lesion added" : " lesions added");
  }
  for (const ReviewedLesion& lesion : record.lesions) {
    if (!lesion.changes.empty()) words.append("; ").append(lesion.id).append(": ").append(ChangesInWords(lesion));
  }
  return words;
}

}  // namespace dinsd
