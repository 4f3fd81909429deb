#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "gpu/resample.h"
#include "model/click_simulation.h"
#include "model/dins_network.h"
#include "model/npy.h"

namespace dinsd {

/// One line of the verification table.
struct VerificationRow {
  std::string fixture;
  std::string quantity;
  double worst = 0;      // worst difference, or the number of wrong items
  double tolerance = 0;  // 0 = must be exact
  bool passes = false;
  std::string note;
};

/// What verification runs with. Everyone uses the defaults, which are the product's own; a test changes one at a time
/// and sees a row fail.
struct VerificationConstants {
  NetworkConstants network;
  ClickRules clicks;
  EdgeRule edge = EdgeRule::kReference;
};

/// Called with the name of each fixture before it is checked, its number and how many there are.
using OnFixture = std::function<void(const std::string& name, std::size_t number, std::size_t of)>;

/// Checks every fixture that DIR/fixtures.json lists against the published implementation's results. Never throws for
/// what is wrong with a fixture: an unknown kind, an unreadable file or an empty list is a failed row.
[[nodiscard]] std::vector<VerificationRow> VerifyReference(const std::filesystem::path& folder,
                                                           const VerificationConstants& constants = {},
                                                           const OnFixture& on_fixture = {});

/// The rows as a text table.
[[nodiscard]] std::string VerificationTable(const std::vector<VerificationRow>& rows);

}  // namespace dinsd
