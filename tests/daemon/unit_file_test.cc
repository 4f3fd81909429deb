#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/folders.h"
#include "tests/temp_folder.h"

// The unit as systemd itself judges it, without a running systemd.

namespace dinsd {
namespace {

bool HasSystemdAnalyze() {
  return std::system("systemd-analyze --version > /dev/null 2>&1") == 0;
}

// The unit with a program that is there: /usr/bin/dinsd is not installed on a build machine.
std::string WriteUnit(const TempFolder& folder, const std::string& name = "dinsd.service",
                      const std::string& program_name = "dinsd") {
  std::ifstream in(std::string(kSourceFolder) + "/systemd/" + name);
  std::ostringstream text;
  text << in.rdbuf();
  std::string unit = text.str();
  const std::string program = "/usr/bin/" + program_name + " ";
  const std::size_t at = unit.find(program);
  EXPECT_NE(at, std::string::npos);
  unit.replace(at, program.size(), std::string(kBuildFolder) + "/bin/" + program_name + " ");
  folder.Write(name, unit);
  return folder.path() / name;
}

int ExitCodeOf(const std::string& command) {
  return WEXITSTATUS(std::system(command.c_str()));
}

TEST(UnitFile, IsWithoutFault) {
  if (!HasSystemdAnalyze()) GTEST_SKIP() << "systemd-analyze is not installed";
  const TempFolder folder;
  EXPECT_EQ(ExitCodeOf("systemd-analyze verify --recursive-errors=yes " + WriteUnit(folder)), 0);
}

TEST(UnitFile, AnUnknownKeyWouldBeNoticed) {
  if (!HasSystemdAnalyze()) GTEST_SKIP() << "systemd-analyze is not installed";
  const TempFolder folder;
  const std::string unit = WriteUnit(folder);
  std::ofstream(unit, std::ios::app) << "\n[Service]\nNoSuchKey=yes\n";
  EXPECT_NE(ExitCodeOf("systemd-analyze verify --recursive-errors=yes " + unit + " 2> /dev/null"), 0);
}

TEST(UnitFile, TheSocketOfTheReceiverIsWithoutFault) {
  if (!HasSystemdAnalyze()) GTEST_SKIP() << "systemd-analyze is not installed";
  const TempFolder folder;
  (void)WriteUnit(folder);
  std::filesystem::copy_file(std::string(kSourceFolder) + "/systemd/dinsd.socket", folder.path() / "dinsd.socket");
  EXPECT_EQ(ExitCodeOf("systemd-analyze verify --recursive-errors=yes " + (folder.path() / "dinsd.socket").string()),
            0);
}

TEST(UnitFile, TheSenderIsWithoutFaultAndHardened) {
  if (!HasSystemdAnalyze()) GTEST_SKIP() << "systemd-analyze is not installed";
  const TempFolder folder;
  const std::string unit = WriteUnit(folder, "dinsd-sender.service", "dinsd-receiver");
  EXPECT_EQ(ExitCodeOf("systemd-analyze verify --recursive-errors=yes " + unit), 0);
  EXPECT_EQ(ExitCodeOf("systemd-analyze security --no-pager --offline=true --threshold=15 " + unit + " > /dev/null"),
            0);
}

TEST(UnitFile, IsHardened) {
  if (!HasSystemdAnalyze()) GTEST_SKIP() << "systemd-analyze is not installed";
  const TempFolder folder;
  EXPECT_EQ(ExitCodeOf("systemd-analyze security --no-pager --offline=true --threshold=15 " + WriteUnit(folder) +
                       " > /dev/null"),
            0);
}

}  // namespace
}  // namespace dinsd
