#pragma once

namespace dinsd {

/// The file that the receiver puts into the folders of two studies in which one SOPInstanceUID came. A study that holds
/// it is quarantined (IDENTITY_CONFLICT) until a person has removed what is wrong, and this file.
inline constexpr char kConflictMark[] = "instance-conflict.txt";

}  // namespace dinsd
