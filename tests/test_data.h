#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "tests/folders.h"

namespace dinsd {

/// The folder of real data and reference fixtures, or nothing where this machine has none: tests that need it skip
/// then. DINSD_TEST_DATA names it; else it is looked for beside the checkout.
inline std::optional<std::filesystem::path> TestData() {
  const char* named = std::getenv("DINSD_TEST_DATA");
  const std::filesystem::path folder =
      named != nullptr ? std::filesystem::path(named) : std::filesystem::path(kSourceFolder) / ".." / "shared" / "data";
  std::error_code ignored;
  return std::filesystem::is_directory(folder, ignored) ? std::optional(folder) : std::nullopt;
}

}  // namespace dinsd

/// First line of a test that needs real data or fixtures below `relative`.
#define DINSD_REQUIRE_DATA(relative)                                                                      \
  if (!dinsd::TestData() || !std::filesystem::exists(*dinsd::TestData() / (relative))) {                  \
    GTEST_SKIP() << "needs the data folder (" << (relative) << "): set DINSD_TEST_DATA to run this test"; \
  }                                                                                                       \
  static_assert(true, "")
