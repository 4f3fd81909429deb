#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "tests/daemon/run_dins.h"
#include "tests/daemon/test_daemon.h"

// What a program is from outside. Which libraries it loads decides what a hostile file can reach.

namespace dinsd {
namespace {

std::string LibrariesOf(const std::string& program) {
  const std::string command = "ldd " + (Programs() / program).string();
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::string text;
  std::array<char, 4096> line{};
  while (std::fgets(line.data(), line.size(), pipe.get()) != nullptr) text += line.data();
  EXPECT_THAT(text, testing::HasSubstr("libc.so"));
  return text;
}

TEST(Programs, TheParentLoadsNoParserOfImagesAndNoNetwork) {
  const std::string libraries = LibrariesOf("dinsd");
  for (const char* never : {"libtorch", "libc10", "libITK", "libdcm", "libpng", "libleveldb"}) {
    EXPECT_THAT(libraries, testing::Not(testing::HasSubstr(never)));
  }
  EXPECT_THAT(libraries, testing::HasSubstr("libsqlite3"));
}

TEST(Programs, TheReaderLoadsNoLibTorchAndNoDatabase) {
  const std::string libraries = LibrariesOf("dinsd-reader");
  for (const char* never : {"libtorch", "libc10", "libsqlite3", "libgdcm", "libhdf5"}) {
    EXPECT_THAT(libraries, testing::Not(testing::HasSubstr(never)));
  }
  EXPECT_THAT(libraries, testing::HasSubstr("libdcmdata"));
}

TEST(Programs, TheReceiverLoadsNoDecoderNoLibTorchAndNoDatabase) {
  const std::string libraries = LibrariesOf("dinsd-receiver");
  for (const char* never : {"libtorch", "libc10", "libsqlite3", "libgdcm", "libhdf5", "libijg", "libdcmjp"}) {
    EXPECT_THAT(libraries, testing::Not(testing::HasSubstr(never)));
  }
  EXPECT_THAT(libraries, testing::HasSubstr("libdcmnet"));
}

TEST(Programs, TheWorkerLoadsLibTorchAndNoDatabase) {
  const std::string libraries = LibrariesOf("dinsd-worker");
  EXPECT_THAT(libraries, testing::HasSubstr("libtorch_cpu"));
  for (const char* never : {"libsqlite3", "libgdcm", "libhdf5"}) {
    EXPECT_THAT(libraries, testing::Not(testing::HasSubstr(never)));
  }
}

int StatusOf(const std::string& command) {
  return WEXITSTATUS(std::system(((Programs() / command).string() + " > /dev/null 2>&1").c_str()));
}

TEST(Programs, AllEndAlikeWhenTheyAreCalledInAWrongWay) {
  for (const char* wrong : {"dinsd", "dinsd --config", "dinsd --config ''", "dinsd --nonsense", "dins", "dins nonsense",
                            "dins queue show"}) {
    EXPECT_EQ(StatusOf(wrong), 2) << wrong;
  }
  for (const char* right : {"dinsd --version", "dinsd --help", "dins --help", "dins help"})
    EXPECT_EQ(StatusOf(right), 0) << right;
}

TEST(Programs, HelpIsACommandToo) {
  EXPECT_EQ(Dins("help").output, Dins("--help").output);
  EXPECT_THAT(Dins("help").output, testing::HasSubstr("segment"));
}

}  // namespace
}  // namespace dinsd
