#pragma once

#include <string>
#include <vector>

#include "config/settings.h"

namespace dinsd {

/// What keeps a start from the folders of [daemon], a sentence each: state_dir, results_dir or the socket's folder that
/// cannot be made or written to, files in them that another user has. Changes nothing. A start may work later.
[[nodiscard]] std::vector<std::string> PlaceFaults(const DaemonSettings& daemon);

/// What only `dinsd --check` says, since a start finds it out by itself.
struct Surroundings {
  std::vector<std::string> faults;  // a start would fail for the time being
  std::vector<std::string> notes;  // it would not: the very daemon is running, a watched folder is not there, a damaged
                                   // queue would be put aside, the receiver cannot listen or keep anything, a
                                   // destination's folder is away
};

/// Looks for daemons that run and for watched folders that are away. Changes nothing. Throws StorageError for what a
/// start could never use: a state_dir on a network file system, the results_dir of another queue, a queue.db of another
/// program or of a newer version.
[[nodiscard]] Surroundings LookAround(const Settings& settings);

}  // namespace dinsd
