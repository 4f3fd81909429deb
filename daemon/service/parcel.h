#pragma once

#include <string>
#include <vector>

#include "config/destination_settings.h"
#include "daemon/messages/sender_messages.h"
#include "daemon/service/context.h"

namespace dinsd {

/// What of a result one destination takes, or why it takes nothing.
struct Parcel {
  std::vector<OutgoingFile> files;  // by name
  std::string withheld_code;        // PRELIMINARY, NOTHING_TO_SEND, RESULT_AWAY; empty = it takes them
  std::string withheld_sentence;
};

/// Looks into the folder of a result: result.json lists the files with their digests, report.json says whether the
/// result is preliminary. What cannot be read there withholds it.
[[nodiscard]] Parcel PackFor(const DestinationSettings& destination, const std::filesystem::path& result);

/// Whether a file of a result belongs to a part ("seg", "report", ...: kResultParts).
[[nodiscard]] bool IsOfPart(const std::string& file, const std::string& part);

}  // namespace dinsd
