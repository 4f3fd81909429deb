#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "config/load_settings.h"
#include "tests/folders.h"
#include "tests/temp_folder.h"

// [[destination]] and [sender]: where results are sent.

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kModel = "[[model]]\nweights = \"w.safetensors\"\n";  // two lines
const std::string kPeer =
    "[[destination]]\nname = \"pacs\"\nkind = \"cstore\"\nhost = \"10.1.2.3\"\ncalled_ae_title = \"PACS\"\n";
const std::string kFolder = "[[destination]]\nname = \"share\"\nkind = \"folder\"\nfolder = \"sent\"\n";

class DestinationTest : public testing::Test {
 protected:
  Settings Load(const std::string& text) {
    folder_.Write("dinsd.toml", kModel + text);
    return LoadSettings(file_);
  }

  std::vector<std::string> FaultsOf(const std::string& text) {
    try {
      static_cast<void>(Load(text));
    } catch (const ConfigError& error) {
      std::vector<std::string> faults;
      for (const std::string& fault : error.faults()) faults.push_back(fault.substr(file_.string().size() + 1));
      return faults;
    }
    return {};
  }

  TempFolder folder_;
  std::filesystem::path file_ = folder_.path() / "dinsd.toml";
};

TEST_F(DestinationTest, HasDefaultsThatSendWhatIsSure) {
  const Settings settings = Load(kPeer + kFolder + "takes = [\"mask\", \"report\"]\npreliminary = true\n");
  ASSERT_EQ(settings.destinations.size(), 2U);
  const DestinationSettings& peer = settings.destinations[0];
  EXPECT_EQ(peer.kind, DestinationKind::kCStore);
  EXPECT_EQ(peer.port, 104);
  EXPECT_EQ(peer.calling_ae_title, "DINSD");
  EXPECT_THAT(peer.takes, ElementsAre("seg", "sr", "rtstruct"));
  EXPECT_FALSE(peer.preliminary);
  EXPECT_FALSE(peer.outbox.IsConfirmed());
  const DestinationSettings& share = settings.destinations[1];
  EXPECT_EQ(share.kind, DestinationKind::kFolder);
  EXPECT_EQ(share.folder, folder_.path() / "sent");
  EXPECT_THAT(share.takes, ElementsAre("mask", "report"));
  EXPECT_TRUE(share.preliminary);
}

TEST_F(DestinationTest, TakesItsLimits) {
  const DestinationSettings peer =
      Load(kPeer +
           "port = 4242\ncommitment = true\nper_minute = 12\nattempts = 3\nbackoff_seconds = 5\n"
           "backoff_cap_seconds = 60\nbreaker_after = 2\ncommitment_seconds = 90\nconnect_seconds = 3\n"
           "acse_seconds = 4\ndimse_seconds = 6\ncalling_ae_title = \"US\"\n")
          .destinations[0];
  EXPECT_EQ(peer.port, 4242);
  EXPECT_EQ(peer.calling_ae_title, "US");
  EXPECT_EQ(peer.outbox, (OutboxOptions{12, 3, std::chrono::seconds(5), std::chrono::seconds(60), 2, true,
                                        std::chrono::seconds(90)}));
  EXPECT_EQ(peer.connect_limit, std::chrono::seconds(3));
  EXPECT_EQ(peer.acse_limit, std::chrono::seconds(4));
  EXPECT_EQ(peer.dimse_limit, std::chrono::seconds(6));
}

TEST_F(DestinationTest, AFaultNamesLineAndKey) {
  EXPECT_THAT(FaultsOf("[[destination]]\nkind = \"cstore\"\n"),
              ElementsAre("3: [[destination]] needs the key \"name\""));
  EXPECT_THAT(FaultsOf("[[destination]]\nname = \"pacs\"\nkind = \"cstore\"\n"),
              ElementsAre("3: [[destination]] of kind \"cstore\" needs the key \"host\"",
                          "3: [[destination]] of kind \"cstore\" needs the key \"called_ae_title\""));
  EXPECT_THAT(FaultsOf("[[destination]]\nname = \"a\"\nkind = \"folder\"\n"),
              ElementsAre("3: [[destination]] of kind \"folder\" needs the key \"folder\""));
  EXPECT_THAT(FaultsOf("[[destination]]\nname = \"a\"\nkind = \"stow\"\n"),
              ElementsAre("5: \"destination.kind\" is \"stow\", must be \"cstore\" | \"folder\""));
  EXPECT_THAT(FaultsOf(kPeer + "hots = \"b\"\n"),
              ElementsAre("8: unknown key \"destination.hots\", did you mean \"host\"?"));
  EXPECT_THAT(FaultsOf(kPeer + "port = 0\n"), ElementsAre("8: \"destination.port\" is 0, must be 1 .. 65535"));
  EXPECT_THAT(FaultsOf(kPeer + "takes = [\"segs\"]\n"), ElementsAre(HasSubstr("8: \"destination.takes\"")));
  EXPECT_THAT(FaultsOf("[destination]\n"), ElementsAre(HasSubstr("3: \"destination\" may be repeated")));
}

TEST_F(DestinationTest, WhatContradictsItselfIsRefused) {
  EXPECT_THAT(FaultsOf(kPeer + kPeer), ElementsAre("8: two destinations are named \"pacs\""));
  EXPECT_THAT(FaultsOf(kPeer + "takes = [\"mask\"]\n"), ElementsAre(HasSubstr("which is no DICOM object")));
  EXPECT_THAT(FaultsOf(kPeer + "folder = \"x\"\n"), ElementsAre(HasSubstr("for the kind \"folder\" only")));
  EXPECT_THAT(FaultsOf(kFolder + "host = \"h\"\ncommitment = true\n"),
              ElementsAre("3: \"destination.host\" is for the kind \"cstore\" only",
                          "3: \"destination.commitment\" is for the kind \"cstore\" only"));
  EXPECT_THAT(FaultsOf(kPeer + "backoff_seconds = 100\nbackoff_cap_seconds = 99\n"),
              ElementsAre(HasSubstr("backoff_seconds <= backoff_cap_seconds does not hold")));
}

TEST_F(DestinationTest, APeerMayBeAskedHowManyInstancesAStudyHas) {
  EXPECT_EQ(Load(kPeer).receiver.count_from, "") << "nobody is asked unless somebody says so";
  const std::string count = "[receiver]\ncount_from = \"pacs\"\n";
  EXPECT_EQ(Load(kPeer + count).receiver.count_from, "pacs");
  EXPECT_TRUE(Load(kPeer + "takes = []\n" + count).destinations[0].takes.empty()) << "it may get nothing";
  EXPECT_THAT(FaultsOf(kFolder + count),
              ElementsAre("7: \"receiver.count_from\" is \"pacs\", but no [[destination]] of kind \"cstore\" has that "
                          "name"));
  EXPECT_THAT(FaultsOf("[receiver]\ncount_from = \"share\"\n" + kFolder),
              ElementsAre(HasSubstr("3: \"receiver.count_from\" is \"share\", but no")));
  EXPECT_THAT(FaultsOf(kPeer + "[receiver]\ncount_from = \"The PACS\"\n"),
              ElementsAre(HasSubstr("9: \"receiver.count_from\" is \"The PACS\", must be name of")));
  EXPECT_THAT(FaultsOf(kPeer + "takes = []\n"),
              ElementsAre("3: \"destination.takes\" is empty, and \"receiver.count_from\" does not name \"pacs\": it "
                          "would get nothing and be asked nothing"));
  EXPECT_THAT(FaultsOf(kFolder + "takes = []\n"), ElementsAre(HasSubstr("does not name \"share\"")));
}

TEST_F(DestinationTest, NothingIsSentToWhereStudiesOrResultsLie) {
  EXPECT_THAT(FaultsOf(kFolder + "[[watch]]\nname = \"in\"\npath = \"sent/in\"\n"),
              ElementsAre(HasSubstr("3: \"destination.folder\" and \"watch.path\" lie within each other")));
  EXPECT_THAT(FaultsOf(kFolder + "[daemon]\nresults_dir = \"sent\"\n"),
              ElementsAre(HasSubstr("3: \"destination.folder\" and \"daemon.results_dir\" lie within each other")));
  EXPECT_THAT(FaultsOf(kPeer + "[sender]\nspool_dir = \"out\"\n[daemon]\nstate_dir = \"out/state\"\n"),
              ElementsAre(HasSubstr("8: \"sender.spool_dir\" and \"daemon.state_dir\" lie within each other")));
}

TEST_F(DestinationTest, TheExampleIsGoodOnceItsMarksAreTakenAway) {
  std::ifstream in(std::string(kSourceFolder) + "/config/dinsd.example.toml");
  std::stringstream text;
  text << in.rdbuf();
  std::string example = std::regex_replace(text.str(), std::regex("\n#folder [^\n]*"), "");
  example = std::regex_replace(example, std::regex("\n#([^ ])"), "\n$1");
  folder_.Write("dinsd.toml", example);
  const Settings settings = LoadSettings(file_);
  ASSERT_EQ(settings.destinations.size(), 1U);
  EXPECT_EQ(settings.destinations[0],
            (DestinationSettings{.name = "pacs", .host = "pacs.example.org", .called_ae_title = "PACS"}));
  EXPECT_TRUE(LoadSettings(std::string(kSourceFolder) + "/config/dinsd.example.toml").destinations.empty());
}

// The block of README.md that begins with [[destination]], without its indentation.
std::string ReadmeExample() {
  std::ifstream in(std::string(kSourceFolder) + "/README.md");
  std::string line, example;
  while (std::getline(in, line)) {
    const bool is_in_it = !example.empty() || line == "    [[destination]]";
    if (is_in_it && !line.empty() && !line.starts_with("    ")) break;
    if (is_in_it) example += line.substr(std::min<std::size_t>(line.size(), 4)) + "\n";
  }
  return example;
}

TEST_F(DestinationTest, APeerMayBeOneForTls) {
  EXPECT_FALSE(Load(kPeer).destinations[0].tls.enabled);
  const Settings settings = Load(kPeer + "tls = true\ntls_key = \"own.key\"\n");
  EXPECT_EQ(settings.destinations[0].tls,
            (TlsSettings{true, "/etc/dinsd/tls/own.crt", folder_.path() / "own.key", "/etc/dinsd/tls/peers.crt"}));
  EXPECT_THAT(FaultsOf(kFolder + "tls = true\n"),
              ElementsAre(HasSubstr("\"destination.tls\" is for the kind \"cstore\"")));
}

TEST_F(DestinationTest, TheReadmesExampleIsGood) {
  const Settings settings = Load(ReadmeExample());
  ASSERT_EQ(settings.destinations.size(), 2U);
  EXPECT_TRUE(settings.destinations[0].outbox.commitment);
  EXPECT_EQ(settings.receiver.reports_dir, settings.sender.spool_dir) << "where the receiver puts the reports";
  EXPECT_EQ(settings.destinations[1].kind, DestinationKind::kFolder);
}

}  // namespace
}  // namespace dinsd
