#include "daemon/control/control_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "tests/temp_folder.h"

namespace dinsd {
namespace {

// A server on a thread of its own, as the parent has it on its only one.
class ControlServerTest : public testing::Test {
 protected:
  ControlServerTest()
      : socket_(folder_.path() / "control.sock"),
        server_(io_, {socket_}, [](const auto& request, const Requester& who) {
          if (request.at("command") == "who") return nlohmann::json(who.uid);
          throw std::runtime_error("unknown command");
        }) {
    thread_ = std::jthread([this] { io_.run(); });
  }
  ~ControlServerTest() override { io_.stop(); }

  TempFolder folder_;
  std::filesystem::path socket_;
  boost::asio::io_context io_;
  ControlServer server_;
  std::jthread thread_;
};

TEST_F(ControlServerTest, KnowsWhoAsks) {
  EXPECT_EQ(AskDaemon(socket_, {{"command", "who"}}), ::getuid());
}

TEST_F(ControlServerTest, RefusesWithASentence) {
  EXPECT_THAT(
      [&] {
        (void)AskDaemon(socket_, {{"command", "sing"}});
      },
      testing::ThrowsMessage<std::runtime_error>("unknown command"));
  EXPECT_THAT([&] { (void)AskDaemon(socket_, nlohmann::json::array()); }, testing::Throws<std::runtime_error>());
}

TEST_F(ControlServerTest, SaysThatARequestIsTooLong) {
  EXPECT_THAT(
      [&] {
        (void)AskDaemon(socket_, {{"command", std::string(std::size_t{2} << 20, 'x')}});
      },
      testing::ThrowsMessage<std::runtime_error>(testing::HasSubstr("at most 1048576 bytes")));
}

TEST_F(ControlServerTest, IsOpenToOwnerAndGroupOnly) {
  struct stat status {};
  ASSERT_EQ(::stat(socket_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0660U);
}

TEST_F(ControlServerTest, RefusesASecondDaemon) {
  boost::asio::io_context other;
  EXPECT_THAT([&] { ControlServer(other, {socket_}, nullptr); },
              testing::ThrowsMessage<std::runtime_error>(testing::HasSubstr("another daemon")));
}

TEST(ControlServer, ReplacesASocketThatADeadDaemonLeft) {
  TempFolder folder;
  const auto socket = folder.path() / "control.sock";
  {
    boost::asio::io_context io;
    boost::asio::local::stream_protocol::acceptor dead(io, socket.string());
  }
  ASSERT_TRUE(std::filesystem::exists(socket));
  boost::asio::io_context io;
  EXPECT_NO_THROW(ControlServer(io, {socket}, nullptr));
}

TEST(ControlServer, NeverRemovesAFileThatIsNoSocket) {
  TempFolder folder;
  folder.Write("control.sock", "somebody's");
  boost::asio::io_context io;
  EXPECT_THROW(ControlServer(io, {folder.path() / "control.sock"}, nullptr), std::runtime_error);
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "control.sock"));
}

TEST(AskDaemon, SaysThatNobodyListens) {
  EXPECT_THAT([] { (void)AskDaemon("/nonexistent/control.sock", {}); },
              testing::ThrowsMessage<std::system_error>(testing::HasSubstr("no daemon answers")));
}

}  // namespace
}  // namespace dinsd
