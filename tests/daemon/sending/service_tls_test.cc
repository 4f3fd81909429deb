#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/phantom/phantom_files.h"
#include "pipeline/read/dicom_prescan.h"
#include "pipeline/read/file_bytes.h"
#include "tests/daemon/receiver/certificates.h"
#include "tests/daemon/receiver/test_receiver.h"
#include "tests/daemon/test_daemon.h"

// A real daemon whose results go to a peer by TLS; the peer is a receiver of ours.

namespace dinsd {
namespace {

namespace fs = std::filesystem;

std::string DestinationLines(const TlsSettings& tls, int port) {
  return "[sender]\nspool_dir = \"outgoing\"\n[[destination]]\nname = \"pacs\"\nkind = \"cstore\"\n"
         "host = \"127.0.0.1\"\ncalled_ae_title = \"DINSD\"\nbackoff_seconds = 1\nport = " +
         std::to_string(port) + "\ntls = true\ntls_certificate = \"" + tls.certificate.string() + "\"\ntls_key = \"" +
         tls.key.string() + "\"\ntls_trusted = \"" + tls.trusted.string() + "\"\n";
}

TEST(ServiceTls, AResultReachesAPeerThatTakesTlsAlone) {
  if (!Certificates::HasTool()) GTEST_SKIP() << "openssl is not installed";
  const Certificates authority;
  TestReceiver peer;
  peer.settings.tls = authority.Of("peer");
  peer.Start();
  TestDaemon daemon;
  daemon.more_settings = DestinationLines(authority.Of("sender"), peer.port());
  WritePhantom(MakePhantom({.preset = PhantomPreset::kSmall, .seed = 3}), daemon.Path(".phantom"),
               PhantomFormat::kNiftiAndDicom);
  fs::rename(daemon.Path(".phantom/dicom"), daemon.Path("incoming/one"));
  daemon.Start();
  daemon.WaitForState("one", "done");
  daemon.WaitUntil("all of it was sent", [&] {
    return daemon.JobOf("one").at("results")[0].at("sent").dump().find("\"sent\"}") != std::string::npos;
  });
  const fs::path result = daemon.Path("results/" + daemon.JobOf("one").at("job").dump() + "/r1/dicom");
  const auto count = std::distance(fs::directory_iterator(result), fs::directory_iterator());
  EXPECT_EQ(peer.Objects().size(), static_cast<std::size_t>(count));
  EXPECT_GE(count, 3);
}

TEST(ServiceTls, TheCheckTellsWhatKeepsItFromItsFiles) {
  TestDaemon daemon;
  daemon.more_settings = DestinationLines({true, "no.crt", "no.key", "no.ca"}, 104);
  daemon.Launch("", "--check");
  EXPECT_EQ(daemon.WaitForEnd(), 0);
  for (const std::string name : {"tls_certificate", "tls_key", "tls_trusted"}) {
    EXPECT_THAT(daemon.Log(), testing::HasSubstr("results would wait: destination \"pacs\": destination." + name + " " +
                                                 daemon.Path("no.").string()));
  }
}

}  // namespace
}  // namespace dinsd
