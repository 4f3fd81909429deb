#pragma once

#include <dcmtk/dcmdata/dctagkey.h>

namespace dinsd {

// What dinsd writes into each segment beside the standard: the label of its voxels in the mask, since segments are
// numbered from 1 without gaps and labels need not be. A reader that does not know it loses nothing but these numbers.
inline constexpr const char* kSegLabelCreator = "dinsd";
inline const DcmTagKey kSegLabelCreatorKey(0x3109, 0x0010);
inline const DcmTagKey kSegLabelKey(0x3109, 0x1001);  // US

}  // namespace dinsd
