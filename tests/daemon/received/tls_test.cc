#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/daemon/received/receiving_daemon.h"
#include "tests/daemon/receiver/certificates.h"
#include "tests/daemon/receiver/made_objects.h"
#include "tests/daemon/receiver/raw_peer.h"
#include "tests/daemon/run_dins.h"

// Peers of a receiver that takes TLS alone: who may come in, and what the log says of the others.

namespace dinsd {
namespace {

using testing::HasSubstr;

class TlsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!Certificates::HasTool()) GTEST_SKIP() << "openssl is not installed";
    authority_ = std::make_unique<Certificates>();
    daemon_ = std::make_unique<ReceivingDaemon>(Lines(authority_->Of("receiver")));
    daemon_->Start();
    end_ = " 127.0.0.1 " + std::to_string(daemon_->Port());
  }

  static std::string Lines(const TlsSettings& tls) {
    return "tls = true\ntls_certificate = \"" + tls.certificate.string() + "\"\ntls_key = \"" + tls.key.string() +
           "\"\ntls_trusted = \"" + tls.trusted.string() + "\"\n";
  }

  static std::string Options(const TlsSettings& tls) {
    return " --tls-certificate " + tls.certificate.string() + " --tls-key " + tls.key.string() + " --tls-trusted " +
           tls.trusted.string();
  }

  [[nodiscard]] Ran Echo(const std::string& options) const { return Dins("dicom echo" + end_ + options); }

  void ExpectRefused(const std::string& why) {
    daemon_->WaitUntil("the log tells " + why, [&] {
      return daemon_->Log().find("end=\"TLS: " + why) != std::string::npos ||
             daemon_->Log().find("end=TLS: " + why) != std::string::npos;
    });
  }

  std::unique_ptr<Certificates> authority_;
  std::unique_ptr<ReceivingDaemon> daemon_;
  std::string end_;
};

TEST_F(TlsTest, APeerWithACertificateIsAnsweredAndKept) {
  const TlsSettings peer = authority_->Of("peer");
  const Ran answered = Echo(Options(peer));
  EXPECT_EQ(answered.status, 0) << answered.output;
  const MadeStudy study(8);
  const Ran sent = Dins("dicom send " + study.root().string() + end_ + Options(peer));
  EXPECT_EQ(sent.status, 0) << sent.output;
  EXPECT_THAT(sent.output, HasSubstr("8 of 8 objects sent and kept"));
  ASSERT_EQ(daemon_->Studies().size(), 1U);
}

TEST_F(TlsTest, StorescuIsAPeerLikeAnother) {
  if (std::system("storescu --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "storescu is not installed";
  const TlsSettings peer = authority_->Of("peer");
  const MadeStudy study(8);
  const std::string command = "storescu +tls " + peer.key.string() + " " + peer.certificate.string() + " +cf " +
                              peer.trusted.string() + " +sd -aec DINSD" + end_ + " " + study.root().string() +
                              " > /dev/null 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0);
  ASSERT_EQ(daemon_->Studies().size(), 1U);
}

TEST_F(TlsTest, ACertificateOfAnotherAuthorityIsRefused) {
  const Certificates others("others");
  TlsSettings stranger = others.Of("stranger");
  stranger.trusted = authority_->authority();
  EXPECT_EQ(Echo(Options(stranger)).status, 1);
  ExpectRefused("its certificate is refused: unable to get local issuer certificate");
}

TEST_F(TlsTest, AnExpiredCertificateIsRefused) {
  const TlsSettings expired = authority_->Of("expired", -1);
  const std::string command = "openssl s_client -connect 127.0.0.1:" + std::to_string(daemon_->Port()) + " -cert " +
                              expired.certificate.string() + " -key " + expired.key.string() +
                              " < /dev/null > /dev/null 2>&1";
  (void)!std::system(command.c_str());
  ExpectRefused("its certificate is refused: certificate has expired");
  const Ran told = Echo(Options(expired));
  EXPECT_EQ(told.status, 1);
  EXPECT_THAT(told.output, HasSubstr("--tls-certificate " + expired.certificate.string() + " has expired"));
}

TEST_F(TlsTest, APeerWithoutACertificateIsRefused) {
  const std::string command =
      "openssl s_client -connect 127.0.0.1:" + std::to_string(daemon_->Port()) + " < /dev/null > /dev/null 2>&1";
  (void)!std::system(command.c_str());
  ExpectRefused("it has no certificate");
}

TEST_F(TlsTest, APeerWithoutTlsIsRefused) {
  const Ran refused = Echo("");
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.output, HasSubstr("no association with 127.0.0.1"));
  ExpectRefused("it speaks no TLS");
  RawPeer raw(daemon_->Port());
  EXPECT_EQ(raw.Associate(), 0);
}

TEST_F(TlsTest, WeTrustNoReceiverOfAnotherAuthority) {
  const Certificates others("others");
  TlsSettings peer = authority_->Of("peer");
  peer.trusted = others.authority();
  const Ran refused = Echo(Options(peer));
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.output, HasSubstr("no association with 127.0.0.1"));
}

TEST_F(TlsTest, WhoSaysNothingInTheHandshakeIsCutOff) {
  RawPeer silent(daemon_->Port());
  EXPECT_EQ(silent.Receive(), "");
}

TEST_F(TlsTest, TheOptionsOfACommandBelongTogether) {
  const TlsSettings peer = authority_->Of("peer");
  EXPECT_EQ(Echo(" --tls-certificate " + peer.certificate.string()).status, 2);
  EXPECT_EQ(Echo(" --tls-trusted " + peer.trusted.string()).status, 2);
}

TEST(TlsCheck, TellsWhatKeepsTheReceiverFromItsFiles) {
  ReceivingDaemon daemon("tls = true\ntls_certificate = \"no.crt\"\ntls_key = \"no.key\"\ntls_trusted = \"no.ca\"\n");
  daemon.Launch("", "--check");
  EXPECT_EQ(daemon.WaitForEnd(), 0);
  for (const char* name : {"tls_certificate", "tls_key", "tls_trusted"}) {
    EXPECT_THAT(daemon.Log(), HasSubstr("no study could be received, the daemon would try again: receiver." +
                                        std::string(name) + " " + daemon.Path("no.").string()));
  }
}

}  // namespace
}  // namespace dinsd
