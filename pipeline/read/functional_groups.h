#pragma once

#include <dcmtk/dcmdata/dcitem.h>

namespace dinsd {

/// The first item of a sequence of `item`; null where either is not there.
[[nodiscard]] inline DcmItem* FirstItem(DcmItem* item, const DcmTagKey& sequence) {
  DcmItem* first = nullptr;
  return item != nullptr && item->findAndGetSequenceItem(sequence, first, 0).good() ? first : nullptr;
}

/// The functional groups of one frame (DICOM PS3.3 C.7.6.16): its own, else those that all frames share.
class FunctionalGroups {
 public:
  /// Either may be null. Both must outlive this.
  FunctionalGroups(DcmItem* shared, DcmItem* frame) : shared_(shared), frame_(frame) {}

  /// The item of the group that `sequence` holds, or null.
  [[nodiscard]] DcmItem* Find(const DcmTagKey& sequence) const {
    DcmItem* own = FirstItem(frame_, sequence);
    return own != nullptr ? own : FirstItem(shared_, sequence);
  }

 private:
  DcmItem* shared_;
  DcmItem* frame_;
};

}  // namespace dinsd
