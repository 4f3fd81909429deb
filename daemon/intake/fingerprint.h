#pragma once

#include <optional>
#include <string>

#include "daemon/intake/folder_scan.h"
#include "daemon/messages/problem.h"

namespace dinsd {

/// A digest over names, sizes, inodes and times of a study's files, and over what keeps us from reading others: another
/// one means that something changed.
[[nodiscard]] std::string FingerprintOf(const StudySnapshot& study);

/// Why a study must not be read at all, with the first entry at fault: UNSAFE_FILE (a link, a file with several names,
/// a device or pipe, a name that is no UTF-8) or LIMIT_EXCEEDED. Nothing for what is safe or only unreadable.
[[nodiscard]] std::optional<Problem> UnsafeEntry(const StudySnapshot& study, const FolderScanLimits& limits = {});

}  // namespace dinsd
