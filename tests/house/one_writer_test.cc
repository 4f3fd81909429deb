#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/folders.h"

// SQLite is opened in one place: a second connection that writes could damage the queue without notice
// (storage/database.h says why).

namespace {

TEST(OneWriter, SqliteIsOpenedInOnePlaceOnly) {
  std::vector<std::string> opened;
  for (const char* folder : {"gpu", "model", "pipeline", "storage", "config", "daemon"}) {
    const std::filesystem::path root = std::filesystem::path(dinsd::kSourceFolder) / folder;
    if (!std::filesystem::exists(root)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (entry.path().extension() != ".cc" && entry.path().extension() != ".h") continue;
      std::ifstream in(entry.path());
      std::stringstream text;
      text << in.rdbuf();
      if (text.str().find("sqlite3_open") != std::string::npos)
        opened.push_back(entry.path().lexically_relative(dinsd::kSourceFolder).string());
    }
  }
  EXPECT_EQ(opened, std::vector<std::string>{"storage/database.cc"});
}

}  // namespace
