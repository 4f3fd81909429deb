#include "pipeline/read/file_bytes.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "pipeline/read/digest.h"
#include "pipeline/read/input_error.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

using namespace std::string_literals;

std::string CodeOf(const std::filesystem::path& root, const std::string& relative, std::uint64_t max_bytes = 100,
                   HardLinks links = HardLinks::kAllowed) {
  try {
    (void)ReadFileBytes(root, relative, max_bytes, links);
    return "read";
  } catch (const InputError& error) {
    EXPECT_EQ(error.file(), relative);
    return error.code();
  }
}

std::string TextOf(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(FileBytes, GivesTheWholeFileBelowARootThatIsADescriptor) {
  const TempFolder folder;
  folder.Write("a/b.dcm", "hello");
  const int fd = ::open(folder.path().c_str(), O_PATH | O_DIRECTORY);
  EXPECT_EQ(TextOf(ReadFileBytes("/proc/self/fd/" + std::to_string(fd), "a/b.dcm", 5)), "hello");
  ::close(fd);
}

TEST(FileBytes, AreNeverReadFromOutsideTheFolder) {
  const TempFolder folder;
  folder.Write("secret", "s");
  folder.Write("study/plain", "p");
  const auto study = folder.path() / "study";
  std::filesystem::create_symlink("../secret", study / "link");
  std::filesystem::create_symlink("..", study / "up");
  std::filesystem::create_symlink("plain", study / "inside");
  const std::string with_zero("plain\0.dcm", 10);
  for (const std::string& name :
       {"../secret"s, "link"s, "up/secret"s, "inside"s, "/etc/passwd"s, ""s, ".."s, with_zero}) {
    EXPECT_EQ(CodeOf(study, name), "VOLUME_UNREADABLE") << name;
  }
}

TEST(FileBytes, AreOfRegularFilesOnly) {
  const TempFolder folder;
  folder.Write("sub/x", "x");
  ASSERT_EQ(::mkfifo((folder.path() / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(CodeOf(folder.path(), "fifo"), "VOLUME_UNREADABLE");
  EXPECT_EQ(CodeOf(folder.path(), "sub"), "VOLUME_UNREADABLE");
  EXPECT_EQ(CodeOf(folder.path(), "missing"), "VOLUME_UNREADABLE");
  EXPECT_EQ(CodeOf(folder.path() / "none", "x"), "VOLUME_UNREADABLE");
}

TEST(FileBytes, HaveALimitAndMayRefuseHardLinks) {
  const TempFolder folder;
  folder.Write("six", "123456");
  EXPECT_EQ(CodeOf(folder.path(), "six", 6, HardLinks::kRefused), "read");
  EXPECT_EQ(CodeOf(folder.path(), "six", 5), "LIMIT_EXCEEDED");
  std::filesystem::create_hard_link(folder.path() / "six", folder.path() / "again");
  EXPECT_EQ(CodeOf(folder.path(), "six", 6), "read");
  EXPECT_EQ(CodeOf(folder.path(), "six", 6, HardLinks::kRefused), "VOLUME_UNREADABLE");
}

TEST(Digest, IsTheOneOfTheStandard) {
  EXPECT_EQ(Sha256Hex({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const std::string abc = "abc";
  EXPECT_EQ(Sha256Hex(std::as_bytes(std::span(abc))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace dinsd
