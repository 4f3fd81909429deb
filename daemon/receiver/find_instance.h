#pragma once

#include <dcmtk/dcmnet/scu.h>

#include <string>

namespace dinsd {

/// Where an object is in a peer's hierarchy: the unique keys of the study root model.
struct ObjectPlace {
  std::string study_uid;
  std::string series_uid;
  std::string instance_uid;
};

/// Asks a peer by C-FIND at the level of images (DICOM PS3.4 C.4.1, C.6.2) whether it has an object, in the
/// presentation context `context` of that service. An answer that names another instance counts for nothing. Throws
/// std::runtime_error with the peer's status, or that none came.
[[nodiscard]] bool HasInstance(DcmSCU& peer, T_ASC_PresentationContextID context, const ObjectPlace& place);

}  // namespace dinsd
