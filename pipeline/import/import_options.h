#pragma once

#include <string>

namespace dinsd {

/// Which masks that others made of a study's images are taken as its result.
struct ImportOptions {
  bool masks = true;    // a study without clicks is imported from the mask beside its images
  std::string regions;  // POSIX extended regular expression over all of a ROIName, in any case of letters: which
                        // regions of an RT Structure Set are lesions beside those of interpreted type GTV; empty: none

  friend bool operator==(const ImportOptions&, const ImportOptions&) = default;
};

}  // namespace dinsd
