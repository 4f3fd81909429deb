#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include "tests/daemon/test_daemon.h"

// Which libraries a program loads decides what a hostile file can reach.

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

TEST(Programs, TheWorkerLoadsLibTorchAndNoDatabase) {
  const std::string libraries = LibrariesOf("dinsd-worker");
  EXPECT_THAT(libraries, testing::HasSubstr("libtorch_cpu"));
  for (const char* never : {"libsqlite3", "libgdcm", "libhdf5"}) {
    EXPECT_THAT(libraries, testing::Not(testing::HasSubstr(never)));
  }
}

}  // namespace
}  // namespace dinsd
