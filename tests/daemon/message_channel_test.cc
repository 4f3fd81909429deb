#include "daemon/process/message_channel.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <fstream>
#include <system_error>

#include "tests/temp_folder.h"

namespace dinsd {
namespace {

struct Pair {
  UniqueFd a;
  UniqueFd b;
};

Pair MakePair() {
  std::array<int, 2> ends{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

TEST(MessageChannel, DeliversMessagesWholeAndInOrder) {
  const Pair pair = MakePair();
  SendMessage(pair.a.get(), "first");
  SendMessage(pair.a.get(), "");
  SendMessage(pair.a.get(), std::string(100'000, 'x'));
  EXPECT_EQ(ReceiveMessage(pair.b.get())->text, "first");
  EXPECT_EQ(ReceiveMessage(pair.b.get())->text, "");
  EXPECT_EQ(ReceiveMessage(pair.b.get())->text.size(), 100'000U);
}

TEST(MessageChannel, CarriesAFolder) {
  TempFolder folder;
  folder.Write("inside", "x");
  const Pair pair = MakePair();
  const UniqueFd opened(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY));
  SendMessage(pair.a.get(), "job", opened.get());
  const auto message = ReceiveMessage(pair.b.get());
  ASSERT_TRUE(message && message->folder);
  EXPECT_EQ(::faccessat(message->folder.get(), "inside", R_OK, 0), 0);
}

TEST(MessageChannel, SaysWhenThePeerIsGone) {
  Pair pair = MakePair();
  pair.a.Reset();
  EXPECT_FALSE(ReceiveMessage(pair.b.get()).has_value());
  EXPECT_THROW(SendMessage(pair.b.get(), "x"), std::system_error);
}

TEST(MessageChannel, RefusesAFrameThatIsCutOffOrTooLong) {
  Pair pair = MakePair();
  ASSERT_EQ(::write(pair.a.get(), "\x05\0\0\0ab", 6), 6);
  pair.a.Reset();
  EXPECT_THROW((void)ReceiveMessage(pair.b.get()), std::runtime_error);

  const Pair hostile = MakePair();
  ASSERT_EQ(::write(hostile.a.get(), "\xff\xff\xff\xff", 4), 4);
  EXPECT_THROW((void)ReceiveMessage(hostile.b.get()), std::runtime_error);
}

TEST(MessageBuffer, PutsMessagesTogetherFromPieces) {
  Pair pair = MakePair();
  MessageBuffer buffer;
  std::vector<std::string> messages;
  ASSERT_EQ(::write(pair.a.get(), "\x03\0", 2), 2);
  EXPECT_EQ(buffer.ReadAvailable(pair.b.get(), messages), MessageBuffer::State::kOpen);
  EXPECT_TRUE(messages.empty());
  ASSERT_EQ(::write(pair.a.get(), "\0\0abc\x01\0\0\0", 9), 9);
  EXPECT_EQ(buffer.ReadAvailable(pair.b.get(), messages), MessageBuffer::State::kOpen);
  EXPECT_THAT(messages, testing::ElementsAre("abc"));
  ASSERT_EQ(::write(pair.a.get(), "z", 1), 1);
  pair.a.Reset();
  EXPECT_EQ(buffer.ReadAvailable(pair.b.get(), messages), MessageBuffer::State::kClosed);
  EXPECT_THAT(messages, testing::ElementsAre("abc", "z"));
}

TEST(MessageBuffer, RefusesAHostileLength) {
  const Pair pair = MakePair();
  MessageBuffer buffer;
  std::vector<std::string> messages;
  ASSERT_EQ(::write(pair.a.get(), "\xff\xff\xff\xff", 4), 4);
  EXPECT_THROW((void)buffer.ReadAvailable(pair.b.get(), messages), std::runtime_error);
}

}  // namespace
}  // namespace dinsd
