#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>

#include "tests/daemon/receiver/test_receiver.h"
#include "tests/daemon/sending/test_pacs.h"

// CONFORMANCE.md says what a running receiver accepts, no more and no less.

namespace dinsd {
namespace {

using Contexts = std::set<std::pair<std::string, std::string>>;  // SOP class, transfer syntax

// The section on what we provide.
std::string ProviderSection() {
  const std::string text = ReadText(std::string(kSourceFolder) + "/CONFORMANCE.md");
  const std::size_t from = text.find("## As a provider");
  return text.substr(from, text.find("## As a user") - from);
}

// Those of JPEG 2000 are said to be there only with a setting.
std::vector<std::string> Images(const std::string& section, bool has_jpeg_2000) {
  static const std::regex kRow(R"(\n\| ([^|]+) \| ([0-9.]+) \|(?=\n))");
  std::vector<std::string> uids;
  for (std::sregex_iterator row(section.begin(), section.end(), kRow), end; row != end; ++row) {
    if (has_jpeg_2000 || (*row)[1].str().find("`jpeg_2000 = true`") == std::string::npos) uids.push_back((*row)[2]);
  }
  return uids;
}

Contexts Stated(bool has_jpeg_2000) {
  static const std::regex kRow(R"(\n\| [^|]+ \| ([0-9.]+) \| (images|others) \|)");
  const std::string section = ProviderSection();
  const std::vector<std::string> images = Images(section, has_jpeg_2000);
  Contexts stated;
  for (std::sregex_iterator row(section.begin(), section.end(), kRow), end; row != end; ++row) {
    const std::size_t count = (*row)[2] == "images" ? images.size() : 2;
    for (std::size_t i = 0; i < count; ++i) stated.emplace((*row)[1], images.at(i));
  }
  return stated;
}

// Every storage class that DCMTK knows, and the other services.
std::vector<std::string> Classes() {
  std::vector<std::string> classes = {
      UID_VerificationSOPClass, UID_StorageCommitmentPushModelSOPClass, UID_FINDStudyRootQueryRetrieveInformationModel,
      UID_MOVEStudyRootQueryRetrieveInformationModel, UID_GETStudyRootQueryRetrieveInformationModel};
  for (int i = 0; i < numberOfDcmAllStorageSOPClassUIDs; ++i) classes.emplace_back(dcmAllStorageSOPClassUIDs[i]);
  return classes;
}

std::vector<std::string> Syntaxes() {
  std::vector<std::string> syntaxes = Images(ProviderSection(), true);
  for (const char* more :
       {UID_DeflatedExplicitVRLittleEndianTransferSyntax, UID_MPEG2MainProfileAtMainLevelTransferSyntax})
    syntaxes.emplace_back(more);
  return syntaxes;
}

Contexts Accepted(int port) {
  Contexts accepted;
  const std::vector<std::string> syntaxes = Syntaxes();
  for (const std::string& sop_class : Classes()) {
    const bool is_report = sop_class == UID_StorageCommitmentPushModelSOPClass;
    const T_ASC_SC_ROLE role = is_report ? ASC_SC_ROLE_SCP : ASC_SC_ROLE_DEFAULT;
    DcmSCU peer;
    peer.setPeerAETitle("DINSD");
    peer.setPeerHostName("127.0.0.1");
    peer.setPeerPort(static_cast<Uint16>(port));
    for (const std::string& syntax : syntaxes) {
      OFList<OFString> one;
      one.push_back(syntax.c_str());
      (void)peer.addPresentationContext(sop_class.c_str(), one, role);
    }
    if (peer.initNetwork().bad() || peer.negotiateAssociation().bad()) continue;  // none of them
    for (const std::string& syntax : syntaxes) {
      if (peer.findPresentationContextID(sop_class.c_str(), syntax.c_str(), role) != 0)
        accepted.emplace(sop_class, syntax);
    }
    (void)peer.releaseAssociation();
  }
  return accepted;
}

class Conformance : public testing::TestWithParam<bool> {};

TEST_P(Conformance, TheStatementIsWhatIsNegotiated) {
  TestReceiver receiver;
  const TempFolder reports;
  receiver.settings.reports_dir = reports.path();
  receiver.settings.jpeg_2000 = GetParam();
  receiver.Start();
  const Contexts stated = Stated(GetParam());
  EXPECT_GT(stated.size(), 60U);
  EXPECT_EQ(Accepted(receiver.port()), stated);
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutJpeg2000, Conformance, testing::Bool());

}  // namespace
}  // namespace dinsd
