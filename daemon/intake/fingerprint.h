#pragma once

#include <string>

#include "daemon/intake/folder_scan.h"

namespace dinsd {

/// A digest over names, sizes, inodes and times of a study's files: another one means that something changed.
[[nodiscard]] std::string FingerprintOf(const StudySnapshot& study);

/// Why a study must not be read at all (a link, a device, a name that is no UTF-8, too many files); the entry's
/// position among the study's files stands for its name. Empty: nothing is wrong.
[[nodiscard]] std::string UnsafeEntry(const StudySnapshot& study);

}  // namespace dinsd
