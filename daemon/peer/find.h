#pragma once

#include <dcmtk/dcmnet/scu.h>

#include <memory>
#include <vector>

namespace dinsd {

/// Asks a peer by C-FIND (DICOM PS3.4 C.4.1) with the identifier `keys`, in the presentation context `context` of that
/// service, and returns the identifiers of its matches. Throws std::runtime_error with the peer's status where it is
/// neither pending nor success, or that no answer came.
[[nodiscard]] std::vector<std::unique_ptr<DcmDataset>> Find(DcmSCU& peer, T_ASC_PresentationContextID context,
                                                            DcmDataset& keys);

}  // namespace dinsd
