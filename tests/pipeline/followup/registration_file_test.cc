#include "pipeline/followup/registration_file.h"

#include <gtest/gtest.h>

#include <limits>

#include "model/train/counter_random.h"
#include "pipeline/read/input_error.h"
#include "tests/pipeline/followup/made_map.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

SpatialMap SomeMap(std::uint64_t seed) {
  SpatialMap map = ShiftedBy(CoronalGrid({4, 4, 4}, {1, 1, 1}), {0.1, 1.0 / 3, 2e-17});
  map.matrix = {1.0 / 3, 0.1, 0, 0, 1, 0, 1e-300, 0, 1};
  SplineLattice lattice{.count = {4, 5, 6}, .origin = {-1.0 / 7, 0, 0}, .spacing = {50, 48.1, 33}, .coefficients = {}};
  CounterRandom random(seed, 1);
  for (std::int64_t n = 0; n < 3 * lattice.PointCount(); ++n) lattice.coefficients.push_back(random.Normal());
  map.splines = {lattice, lattice};
  return map;
}

StudyRegistration SomeStudy() {
  StudyRegistration study;
  study.today = MapStations({CoronalGrid({40, 50, 8}, {2, 2, 10.1}, {1.0 / 3, 0, 0}),
                             CoronalGrid({40, 50, 8}, {2, 2, 10.1}, {1.0 / 3, 0, -80})},
                            10);
  study.parts.resize(2);
  study.parts[0].map = SomeMap(1);
  study.parts[0].back = SomeMap(2);
  study.parts[1].map = SomeMap(3);
  study.parts[0].stages = {{"header", {0.1, 0.2, 0.3}}, {"deformable", {1.0 / 3, 2.0 / 3, 1}}};
  study.parts[0].least_jacobian = 0.7;
  study.parts[1].flags = {"reg_no_gain"};
  return study;
}

StudyVolumes OneVolume(float value) {
  StudyVolumes volumes;
  volumes.whole = {CoronalGrid({4, 4, 4}, {1, 1, 1}), std::vector<float>(64, value)};
  return volumes;
}

std::string CodeOf(const std::filesystem::path& path) {
  try {
    (void)ReadRegistration(path);
  } catch (const InputError& error) {
    return error.code();
  }
  return "";
}

TEST(RegistrationFile, ReadsBackBitByBit) {
  const TempFolder folder;
  const StudyRegistration study = SomeStudy();
  const std::filesystem::path path = folder.path() / "a.json";
  WriteRegistration(path, study, "k");
  const StoredRegistration stored = ReadRegistration(path);
  EXPECT_EQ(stored.key, "k");
  ASSERT_EQ(stored.registration.parts.size(), 2U);
  for (std::size_t s = 0; s < 2; ++s) {
    EXPECT_EQ(stored.registration.parts[s].map, study.parts[s].map);
    EXPECT_EQ(stored.registration.parts[s].back, study.parts[s].back);
    EXPECT_EQ(stored.registration.parts[s].flags, study.parts[s].flags);
    EXPECT_EQ(stored.registration.today.stations[s].owned_end, study.today.stations[s].owned_end);
  }
  EXPECT_EQ(stored.registration.parts[0].least_jacobian, 0.7);
  EXPECT_EQ(stored.registration.parts[0].At("deformable").correlation, 1.0 / 3);
  EXPECT_EQ(stored.registration.today.grid, study.today.grid);
  WriteRegistration(folder.path() / "b.json", stored.registration, "k");
  EXPECT_EQ(ReadText(path), ReadText(folder.path() / "b.json"));
  WriteRegistration(path, study, "other");  // takes the place of the old one, and leaves nothing beside it
  EXPECT_EQ(ReadRegistration(path).key, "other");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 2);
}

TEST(RegistrationFile, IsFoundByItsKeyAlone) {
  const TempFolder folder;
  WriteRegistration(folder.path() / "k.json", SomeStudy(), "k");
  WriteRegistration(folder.path() / "l.json", SomeStudy(), "another");
  folder.Write("m.json", "{");
  EXPECT_TRUE(FindRegistration(folder.path(), "k").has_value());
  EXPECT_FALSE(FindRegistration(folder.path(), "l").has_value());
  EXPECT_FALSE(FindRegistration(folder.path(), "m").has_value());
  EXPECT_FALSE(FindRegistration(folder.path(), "n").has_value());
}

TEST(RegistrationFile, NamesWhatIsWrong) {
  const TempFolder folder;
  const std::filesystem::path path = folder.path() / "a.json";
  WriteRegistration(path, SomeStudy(), "k");
  const std::string good = ReadText(path);
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    folder.Write("a.json", text);
    return CodeOf(path);
  };
  EXPECT_EQ(with("dinsd-registration/1", "dinsd-registration/2"), "REGISTRATION_FORMAT");
  EXPECT_EQ(with("\"count\":[4,5,6]", "\"count\":[4,5,7]"), "REGISTRATION_FORMAT");
  EXPECT_EQ(with("\"count\":[4,5,6]", "\"count\":[4,5]"), "REGISTRATION_FORMAT");
  EXPECT_EQ(with("\"axis\":1", "\"axis\":3"), "REGISTRATION_FORMAT");
  EXPECT_EQ(with("\"stages\":", "\"steps\":"), "REGISTRATION_FORMAT");
  folder.Write("a.json", good.substr(0, good.size() / 2));
  EXPECT_EQ(CodeOf(path), "REGISTRATION_FORMAT");
  EXPECT_EQ(CodeOf(folder.path() / "none.json"), "VOLUME_UNREADABLE");
}

TEST(RegistrationFile, WritesNoNumberThatWouldNotReadBack) {
  const TempFolder folder;
  StudyRegistration study = SomeStudy();
  study.parts[0].map.splines[0].coefficients[7] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(WriteRegistration(folder.path() / "a.json", study, "k"), std::invalid_argument);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(RegistrationKey, ChangesWithImagesAndOptions) {
  RegistrationOptions options;
  const std::string key = RegistrationKey(OneVolume(1), OneVolume(2), options);
  EXPECT_EQ(key.size(), 64U);
  EXPECT_EQ(key, RegistrationKey(OneVolume(1), OneVolume(2), options));
  EXPECT_NE(key, RegistrationKey(OneVolume(2), OneVolume(1), options));
  StudyVolumes moved = OneVolume(1);
  moved.whole.grid.origin[0] += 1e-9;
  EXPECT_NE(key, RegistrationKey(moved, OneVolume(2), options));
  options.time_limit_seconds = 1;
  EXPECT_EQ(key, RegistrationKey(OneVolume(1), OneVolume(2), options));
  options.splines[2].grid_mm = 60;
  EXPECT_NE(key, RegistrationKey(OneVolume(1), OneVolume(2), options));
}

}  // namespace
}  // namespace dinsd
