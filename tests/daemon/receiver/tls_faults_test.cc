#include "daemon/tls/tls_faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/receiver/certificates.h"

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TlsFaultsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!Certificates::HasTool()) GTEST_SKIP() << "openssl is not installed";
  }

  static std::vector<std::string> Faults(const TlsSettings& tls) { return TlsFaults(tls, kReceiverTlsNames); }
};

TEST_F(TlsFaultsTest, SoundFilesHaveNone) {
  const Certificates authority;
  EXPECT_THAT(Faults(authority.Of("receiver")), IsEmpty());
}

TEST_F(TlsFaultsTest, WithoutTlsNoFileIsLookedAt) {
  EXPECT_THAT(Faults({false, "/nowhere", "/nowhere", "/nowhere"}), IsEmpty());
}

TEST_F(TlsFaultsTest, EachFileIsNamedThatIsNotThere) {
  EXPECT_THAT(Faults({true, "/nowhere/a", "/nowhere/b", "/nowhere/c"}),
              ElementsAre("receiver.tls_certificate /nowhere/a cannot be read: No such file or directory",
                          "receiver.tls_key /nowhere/b cannot be read: No such file or directory",
                          "receiver.tls_trusted /nowhere/c cannot be read: No such file or directory"));
}

TEST_F(TlsFaultsTest, AFileOfAnotherKindIsNamed) {
  const Certificates authority;
  const TlsSettings sound = authority.Of("receiver");
  EXPECT_THAT(Faults({true, sound.key, sound.certificate, sound.key}),
              ElementsAre("receiver.tls_certificate " + sound.key.string() + " is no certificate in PEM form",
                          "receiver.tls_key " + sound.certificate.string() + " is no private key in PEM form",
                          "receiver.tls_trusted " + sound.key.string() + " is no certificate in PEM form"));
}

TEST_F(TlsFaultsTest, AKeyOfAnotherCertificateIsNamed) {
  const Certificates authority;
  TlsSettings mixed = authority.Of("receiver");
  mixed.key = authority.Of("other").key;
  EXPECT_THAT(Faults(mixed),
              ElementsAre("receiver.tls_key " + mixed.key.string() + " is not the key of receiver.tls_certificate"));
}

TEST_F(TlsFaultsTest, AnExpiredCertificateIsNamed) {
  const Certificates authority;
  const TlsSettings expired = authority.Of("receiver", -1);
  EXPECT_THAT(Faults(expired),
              ElementsAre("receiver.tls_certificate " + expired.certificate.string() + " has expired"));
}

TEST_F(TlsFaultsTest, AKeyWithAPassphraseIsNamedAndNobodyIsAsked) {
  const Certificates authority;
  TlsSettings tls = authority.Of("receiver");
  const std::string locked = authority.File("locked", "key");
  Certificates::Run("pkcs8 -topk8 -in " + tls.key.string() + " -passout pass:secret -out " + locked);
  tls.key = locked;
  EXPECT_THAT(Faults(tls), ElementsAre("receiver.tls_key " + locked + " is protected by a passphrase"));
}

}  // namespace
}  // namespace dinsd
