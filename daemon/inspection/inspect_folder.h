#pragma once

#include <filesystem>

#include "daemon/messages/reader_messages.h"

namespace dinsd {

/// Codes of a study that is not complete yet: it waits for a change.
inline constexpr char kManifestIncomplete[] = "MANIFEST_INCOMPLETE";  // study.json lists what is not there
inline constexpr char kNoImages[] = "NO_IMAGES";                      // clicks lie there, and nothing else

/// What a reader does with one request: headers, digests and sidecars of the study below `root`, and without clicks the
/// masks that others made; no voxel of an image. Every
/// InputError becomes a Problem of the answer; anything else (out of memory, a fault) leaves by exception and ends the
/// reader, which counts as a crash of the study.
[[nodiscard]] ReaderAnswer InspectFolder(const std::filesystem::path& root, const ReaderRequest& request);

}  // namespace dinsd
