#pragma once

#include <filesystem>

#include "daemon/messages/sender_messages.h"
#include "daemon/outgoing/outgoing_spool.h"

namespace dinsd {

/// Sends the files of an order, which lie in `folder`, to its peer by C-STORE, each as it is, and asks for commitment
/// if the order wants it. A report on that which comes on the same association is put into `spool` before the answer is
/// given. Blocks for as long as the peer takes, within the limits of the order. Thread-safe but for the limit of the
/// connection, which DCMTK keeps once for the process: that of the last order holds.
[[nodiscard]] SendAnswer SendResult(const SendOrder& order, const std::filesystem::path& folder,
                                    const OutgoingSpool& spool);

}  // namespace dinsd
