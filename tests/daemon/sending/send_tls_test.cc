#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/daemon/receiver/certificates.h"
#include "tests/daemon/receiver/test_receiver.h"
#include "tests/daemon/sending/send_kit.h"
#include "tests/daemon/sending/test_pacs.h"

// Orders that go out by TLS: to a receiver of our own, to DCMTK's, and to those that shall not have them.

namespace dinsd {
namespace {

using testing::HasSubstr;

class SendTlsTest : public testing::Test, protected SendKit {
 protected:
  void SetUp() override {
    if (!Certificates::HasTool()) GTEST_SKIP() << "openssl is not installed";
    authority_ = std::make_unique<Certificates>();
  }

  // A receiver that takes TLS alone.
  void StartReceiver() {
    receiver_.settings.tls = authority_->Of("receiver");
    receiver_.settings.ae_title = "PACS";
    receiver_.Start();
  }

  SendOrder OrderBy(const TlsSettings& tls, int port) {
    SendOrder order = Order(port);
    order.peer.tls = tls;
    return order;
  }

  std::unique_ptr<Certificates> authority_;
  TestReceiver receiver_;
};

TEST_F(SendTlsTest, AReceiverOfOursTakesThem) {
  StartReceiver();
  const SendAnswer answer = Send(OrderBy(authority_->Of("sender"), receiver_.port()));
  EXPECT_EQ(answer.end, SendEnd::kStored) << answer.reason.sentence;
  EXPECT_EQ(receiver_.Objects().size(), 2U);
}

// `storescp +tls` at a free port.
class TlsStorescp {
 public:
  explicit TlsStorescp(const TlsSettings& tls) : port_(PortOf(ListenAt("127.0.0.1", 0).get())), pid_(::fork()) {
    if (pid_ != 0) return;
    const std::string port = std::to_string(port_);
    ::execlp("storescp", "storescp", "--ignore", "+tls", tls.key.c_str(), tls.certificate.c_str(), "+cf",
             tls.trusted.c_str(), port.c_str(), nullptr);
    ::_exit(127);
  }
  TlsStorescp(const TlsStorescp&) = delete;
  TlsStorescp& operator=(const TlsStorescp&) = delete;
  ~TlsStorescp() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  [[nodiscard]] int port() const { return port_; }

 private:
  int port_;
  pid_t pid_;
};

TEST_F(SendTlsTest, StorescpTakesThem) {
  if (std::system("storescp --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "storescp is not installed";
  const TlsStorescp storescp(authority_->Of("storescp"));
  const SendOrder order = OrderBy(authority_->Of("sender"), storescp.port());
  SendAnswer answer;
  TestReceiver::WaitUntil("it listens", [&] { return (answer = Send(order)).end != SendEnd::kUnreached; });
  EXPECT_EQ(answer.end, SendEnd::kStored) << answer.reason.sentence;
  EXPECT_EQ(answer.objects.at(1).status, 0);
}

TEST_F(SendTlsTest, APeerOfAnotherAuthorityGetsNothing) {
  StartReceiver();
  const Certificates others("others");
  TlsSettings tls = authority_->Of("sender");
  tls.trusted = others.authority();
  const SendAnswer answer = Send(OrderBy(tls, receiver_.port()));
  EXPECT_EQ(answer.end, SendEnd::kUnreached);
  EXPECT_EQ(answer.reason.code, "NOT_REACHED");
  EXPECT_THAT(answer.reason.sentence, HasSubstr("certificate verify failed"));
  EXPECT_TRUE(receiver_.Objects().empty());
}

TEST_F(SendTlsTest, APeerThatDoesNotTrustUsIsNotReached) {
  StartReceiver();
  const Certificates others("others");
  TlsSettings tls = others.Of("sender");
  tls.trusted = authority_->authority();
  EXPECT_EQ(Send(OrderBy(tls, receiver_.port())).end, SendEnd::kUnreached);
  EXPECT_TRUE(receiver_.Objects().empty());
}

TEST_F(SendTlsTest, APeerWithoutTlsGetsNothing) {
  const TestPacs pacs;
  const SendAnswer answer = Send(OrderBy(authority_->Of("sender"), pacs.port()));
  EXPECT_EQ(answer.end, SendEnd::kUnreached);
  EXPECT_THAT(answer.reason.sentence, HasSubstr("by TLS: "));
  EXPECT_TRUE(pacs.Stored().empty());
}

TEST_F(SendTlsTest, WithoutTlsAPeerThatTakesItAloneIsNotReached) {
  StartReceiver();
  EXPECT_EQ(Send(Order(receiver_.port())).end, SendEnd::kUnreached);
  EXPECT_TRUE(receiver_.Objects().empty());
}

TEST_F(SendTlsTest, AFileThatCannotBeUsedIsNamed) {
  StartReceiver();
  TlsSettings tls = authority_->Of("sender");
  tls.key = authority_->File("another", "key");
  SendAnswer answer = Send(OrderBy(tls, receiver_.port()));
  EXPECT_EQ(answer.end, SendEnd::kUnreached);
  EXPECT_EQ(answer.reason.code, "TLS_FILES");
  EXPECT_THAT(answer.reason.sentence, HasSubstr("destination.tls_key " + tls.key.string() + " cannot be read"));
  answer = Send(OrderBy(authority_->Of("expired", -1), receiver_.port()));
  EXPECT_EQ(answer.reason.code, "TLS_FILES");
  EXPECT_THAT(answer.reason.sentence, HasSubstr("has expired"));
}

}  // namespace
}  // namespace dinsd
