#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "tests/folders.h"

namespace dinsd {

/// What became of each of many inputs: "set,file,form" to a word.
using Outcomes = std::map<std::string, std::string>;

/// The rows of `set` in the table `csv`, a path below the project's folder.
inline Outcomes ReadOutcomes(const std::filesystem::path& csv, const std::string& set) {
  std::ifstream in(std::filesystem::path(kSourceFolder) / csv);
  Outcomes outcomes;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(set + ",")) outcomes[line.substr(0, line.rfind(','))] = line.substr(line.rfind(',') + 1);
  }
  return outcomes;
}

/// Compares with the rows of `set` in the table `csv`, which is reviewed when it changes. Keeps all rows as they are
/// now in the build folder.
inline void ExpectOutcomes(const std::filesystem::path& csv, const std::string& set, const Outcomes& outcomes) {
  const Outcomes expected = ReadOutcomes(csv, set);
  const std::string kept = std::string(kBuildFolder) + "/" + set + "_" + csv.filename().string();
  std::ofstream out(kept);
  for (const auto& [key, outcome] : outcomes) {
    out << key << "," << outcome << "\n";
    const auto row = expected.find(key);
    EXPECT_EQ(outcome, row == expected.end() ? "no row" : row->second)
        << key << " (all rows as they are now: " << kept << ")";
  }
  EXPECT_EQ(outcomes.size(), expected.size());
}

}  // namespace dinsd
