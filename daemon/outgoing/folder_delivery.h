#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "daemon/messages/sender_messages.h"

namespace dinsd {

/// Writes files of the result folder `result` into the folder `destination`/JOB-rREVISION, whole or not at all and
/// synced, under their own names. One that lies there already with the same bytes is as good. How it ended: kStored;
/// kUnreached (it cannot be written to now); kRefused (something else lies there); kWrongResult (a digest differs).
[[nodiscard]] SendAnswer DeliverToFolder(const OutboxKey& key, std::int64_t attempt,
                                         const std::vector<OutgoingFile>& files, const std::filesystem::path& result,
                                         const std::filesystem::path& destination);

}  // namespace dinsd
