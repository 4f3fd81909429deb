#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "tests/folders.h"

// The folder table of the README as a test: which folder may include headers of which other.

namespace {

const std::array<std::string, 6> kFolders = {"gpu", "model", "pipeline", "storage", "config", "daemon"};

const std::map<std::string, std::vector<std::string>> kMayInclude = {
    {"gpu", {"gpu"}},
    {"model", {"gpu", "model"}},
    {"pipeline", {"gpu", "model", "pipeline"}},
    {"storage", {"storage"}},
    {"config", {"config"}},
    {"daemon", {"gpu", "model", "pipeline", "storage", "config", "daemon"}},
};

bool IsAllowed(const std::string& from, const std::string& included) {
  const std::string to = included.substr(0, included.find('/'));
  for (const std::string& folder : kMayInclude.at(from)) {
    if (folder == to) return true;
  }
  const bool known = std::find(kFolders.begin(), kFolders.end(), to) != kFolders.end();
  return !known || (from == "config" && to != "daemon" && included.ends_with("_options.h"));
}

std::vector<std::string> IncludesOf(const std::filesystem::path& file) {
  static const std::regex kInclude(R"rx(^\s*#include "([^"]+)")rx");
  std::vector<std::string> found;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::smatch match;
    if (std::regex_search(line, match, kInclude)) found.push_back(match[1]);
  }
  return found;
}

TEST(IncludeDirections, FollowTheFolderTable) {
  std::size_t files = 0;
  for (const std::string& folder : kFolders) {
    if (!std::filesystem::exists(std::filesystem::path(dinsd::kSourceFolder) / folder)) continue;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(std::filesystem::path(dinsd::kSourceFolder) / folder)) {
      const std::string extension = entry.path().extension();
      if (extension != ".h" && extension != ".cc" && extension != ".cu") continue;
      ++files;
      for (const std::string& included : IncludesOf(entry.path())) {
        EXPECT_TRUE(IsAllowed(folder, included)) << entry.path() << " includes " << included;
      }
    }
  }
  EXPECT_GT(files, 10U);
}

TEST(IncludeDirections, RefuseTheForbiddenOnes) {
  EXPECT_FALSE(IsAllowed("gpu", "model/segmenter.h"));
  EXPECT_FALSE(IsAllowed("storage", "pipeline/read/volume.h"));
  EXPECT_FALSE(IsAllowed("config", "pipeline/read/volume.h"));
  EXPECT_FALSE(IsAllowed("config", "daemon/daemon_options.h"));
  EXPECT_TRUE(IsAllowed("config", "storage/queue_options.h"));
}

}  // namespace
