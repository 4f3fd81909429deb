#pragma once

#include <filesystem>
#include <string>

#include "daemon/service/context.h"

namespace dinsd {

/// At start: finds the results again for a queue that is new, and what images they are of, numbers new jobs above all
/// that lie in results_dir (the queue may come from an old backup), takes back the leases of the daemon's dead
/// predecessor, finishes or reruns what was being published, adds to results/index.csv what a crash left out, and
/// removes what its workers left in staging.
void RecoverFromCrash(ServiceContext& context);

/// Now and then: takes back leases that nobody renews, and removes staging folders but those of `tokens`.
void TakeBackExpired(ServiceContext& context);

/// The salt that LoadSalt made; empty where it has not been made yet.
[[nodiscard]] std::string FindSalt(const std::filesystem::path& file);

/// The salt of this installation, made at its first start and kept in `file` (mode 0600).
[[nodiscard]] std::string LoadSalt(const std::filesystem::path& file);

/// What stands for this installation in its results folder. It outlives a queue that was damaged.
[[nodiscard]] std::string OwnerId(const std::string& salt);

}  // namespace dinsd
