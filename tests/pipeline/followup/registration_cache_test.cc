#include "pipeline/followup/registration_cache.h"

#include <gtest/gtest.h>

#include <chrono>

#include "pipeline/followup/registration_file.h"
#include "tests/pipeline/followup/made_map.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

namespace fs = std::filesystem;

void WriteKept(const fs::path& file, std::size_t bytes, int hours_ago) {
  std::ofstream(file) << std::string(bytes, 'x');
  fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(hours_ago));
}

TEST(RegistrationCache, WhatWasNotUsedForLongestGoes) {
  const TempFolder folder;
  WriteKept(folder.path() / "old.json", 100, 3);
  WriteKept(folder.path() / "older.json", 100, 4);
  WriteKept(folder.path() / "new.json", 100, 1);
  WriteKept(folder.path() / "no registration", 1000, 9);
  TrimCache({folder.path(), 250});
  EXPECT_TRUE(fs::exists(folder.path() / "new.json"));
  EXPECT_TRUE(fs::exists(folder.path() / "old.json"));
  EXPECT_FALSE(fs::exists(folder.path() / "older.json"));
  EXPECT_TRUE(fs::exists(folder.path() / "no registration"));
  TrimCache({folder.path() / "nowhere", 1});
}

// Four voxels cannot be registered at all: what comes back can only be what was kept.
TEST(RegistrationCache, OneThatIsThereIsNotMadeAgain) {
  const TempFolder folder;
  StudyVolumes volumes;
  volumes.whole = {CoronalGrid({4, 4, 4}, {1, 1, 1}), std::vector<float>(64, 1)};
  const RegistrationCache cache{folder.path(), 1 << 20};
  EXPECT_ANY_THROW((void)RegisterOnce(volumes, volumes, {}, cache));
  StudyRegistration made;
  made.today = MapStations({volumes.whole.grid}, 10);
  made.parts.resize(1);
  made.parts[0].map = ShiftedBy(volumes.whole.grid, {1, 2, 3});
  made.parts[0].flags = {"reg_no_gain"};
  const std::string key = RegistrationKey(volumes, volumes, {});
  const fs::path file = folder.path() / (key + ".json");
  WriteRegistration(file, made, key);
  fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(5));
  const StudyRegistration found = RegisterOnce(volumes, volumes, {}, cache);
  EXPECT_EQ(found.parts.at(0).map, made.parts[0].map);
  EXPECT_GT(fs::last_write_time(file), fs::file_time_type::clock::now() - std::chrono::hours(1)) << "it was used";
  EXPECT_ANY_THROW((void)RegisterOnce(volumes, volumes, {}, {folder.path(), 0})) << "nothing is kept";
}

// What is in the file is not what its name says: nothing of it may be used, and nothing may end in it.
TEST(RegistrationCache, ADamagedOneIsMadeAgainWithAWarning) {
  const TempFolder folder;
  StudyVolumes volumes;
  volumes.whole = {CoronalGrid({4, 4, 4}, {1, 1, 1}), std::vector<float>(64, 1)};
  std::vector<std::string> warnings;
  const RegistrationCache cache{folder.path(), 1 << 20, [&](const std::string& words) { warnings.push_back(words); }};
  const std::string key = RegistrationKey(volumes, volumes, {});
  const fs::path file = folder.path() / (key + ".json");
  StudyRegistration made;
  made.today = MapStations({CoronalGrid({5, 4, 4}, {1, 1, 1})}, 10);
  made.parts.resize(1);
  made.parts[0].map = ShiftedBy(volumes.whole.grid, {1, 2, 3});
  WriteRegistration(file, made, key);
  EXPECT_ANY_THROW((void)RegisterOnce(volumes, volumes, {}, cache)) << "it is registered: four voxels cannot be";
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("made again: it is of another image"), std::string::npos) << warnings[0];
  for (const char* text : {"", "no JSON", "{}", "[[[[", R"({"schema":"dinsd-registration/1","key":7})"}) {
    std::ofstream(file) << text;
    warnings.clear();
    EXPECT_ANY_THROW((void)RegisterOnce(volumes, volumes, {}, cache)) << text;
    EXPECT_EQ(warnings.size(), 1U) << text;
    EXPECT_FALSE(FindRegistration(folder.path(), key).has_value()) << text;
  }
}

}  // namespace
}  // namespace dinsd
