#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>
#include <set>

#include "pipeline/read/digest.h"
#include "tests/daemon/receiver/made_objects.h"
#include "tests/daemon/receiver/raw_peer.h"
#include "tests/daemon/receiver/test_receiver.h"
#include "tests/pipeline/read/expected_outcomes.h"
#include "tests/pipeline/read/foreign_forms.h"

// Objects that storescu would not send, and messages that are none. What the receiver answers to each foreign file is
// kept in sent_expected.csv; what a reader then makes of what was kept stands in the table of pipeline/read.

namespace dinsd {
namespace {

namespace fs = std::filesystem;

constexpr int kAccepted = 2, kSuccess = 0;

// Under AddressSanitizer what was freed stays resident for long, and the receiver would ask to be relieved by another.
constexpr std::uint64_t kNeverRecycled = std::uint64_t{1} << 40U;

struct WireObject {
  std::string instance, transfer_syntax, data_set;
};

// What a sender that does not look would take for the data set of a file, and for its names.
WireObject WireObjectOf(const std::string& file) {
  const DicomLayout layout = PrescanDicom(std::as_bytes(std::span(file)), "");
  constexpr std::size_t kLongestUid = 64;
  const bool has_instance = !layout.sop_instance_uid.empty() && layout.sop_instance_uid.size() <= kLongestUid;
  return {has_instance ? layout.sop_instance_uid : "1.2.3.4.5",
          layout.transfer_syntax.empty() ? kExplicitLittle : layout.transfer_syntax,
          file.substr(layout.data_set_offset)};
}

std::string Digest(const std::string& bytes) {
  return Sha256Hex(std::as_bytes(std::span(bytes)));
}

std::string InWords(int status) {
  if (status == kSuccess) return "kept";
  if (status < 0) return "association ended";  // such as for a data set of an odd length
  std::array<char, 12> text{};
  std::snprintf(text.data(), text.size(), "0x%04X", static_cast<unsigned>(status));
  return text.data();
}

class SentTest : public testing::Test {
 protected:
  SentTest() {
    receiver_.settings.recycle_bytes = kNeverRecycled;
    receiver_.Start();
  }

  // As an MR image, which is all that the receiver is told of it.
  std::string Send(const std::string& file) {
    const WireObject object = WireObjectOf(file);
    RawPeer peer(receiver_.port());
    if (peer.Associate("SENDER", "DINSD", kMrClass, object.transfer_syntax) != kAccepted)
      return "association refused";  // such as for a transfer syntax that is none
    if (!peer.IsContextAccepted()) return "transfer syntax refused";
    const std::string outcome = InWords(peer.Store(object.instance, object.data_set));
    if (outcome == "kept") kept_.insert(Digest(object.data_set));
    return outcome;
  }

  void SendNeighbours(const ForeignForm& form) {
    if (form.files.size() == 1) return;
    RawPeer peer(receiver_.port());
    ASSERT_EQ(peer.Associate(), kAccepted);
    for (std::size_t i = 1; i < form.files.size(); ++i) {
      const WireObject object = WireObjectOf(form.files[i]);
      ASSERT_EQ(peer.Store(object.instance, object.data_set), kSuccess);
      kept_.insert(Digest(object.data_set));
    }
  }

  // All of them, each under its own digest, and nothing else.
  void ExpectKeptAsSent() {
    std::set<std::string> on_disk;
    for (const fs::path& object : receiver_.Objects()) {
      std::ifstream in(receiver_.spool() / object, std::ios::binary);
      const std::string file{std::istreambuf_iterator<char>(in), {}};
      on_disk.insert(Digest(DataSetOf(file)));
    }
    EXPECT_EQ(on_disk, kept_);
    EXPECT_TRUE(receiver_.Parts().empty());
  }

  TestReceiver receiver_;
  std::set<std::string> kept_;  // digests of data sets that were answered with success
};

TEST_F(SentTest, ForeignFilesAreKeptOrRefusedAsExpectedAndTheReceiverGoesOn) {
  DINSD_REQUIRE_DATA("dicom/malformed.tar.xz");
  const std::vector<ForeignFile> files = MalformedFiles();
  if (files.empty()) GTEST_SKIP() << "cannot unpack dicom/malformed.tar.xz (needs tar and xz)";
  Outcomes outcomes;
  for (const ForeignFile& file : files) {
    for (const ForeignForm& form : FormsOf(file.bytes)) {
      outcomes["malformed," + file.name + "," + form.name] = Send(form.files[0]);
      SendNeighbours(form);
    }
  }
  EXPECT_EQ(outcomes.size(), 3 * 238U);  // 237 and the good file that they were made from
  ExpectOutcomes("tests/daemon/foreign/sent_expected.csv", "malformed", outcomes);
  ExpectKeptAsSent();
}

// Bytes of a whole conversation, of which some are changed, left out or sent twice.
TEST_F(SentTest, DamagedMessagesEndTheirOwnAssociationAtMost) {
  constexpr int kConversations = 1500;
  constexpr unsigned kSeed = 20261129;
  const std::string sound = RawPeer::AssociateRequest("SENDER", "DINSD", kMrClass, kExplicitLittle) +
                            RawPeer::StoreCommand(MadeInstance(0)) + RawPeer::DataPdus(MadeDataSet(0)) +
                            RawPeer::ReleaseRequest();
  std::mt19937 random(kSeed);
  for (int n = 0; n < kConversations; ++n) {
    std::string bytes = sound;
    const std::size_t reach = n % 2 == 0 ? bytes.size() : 400;  // the heads of the first messages have most to say
    for (unsigned change = random() % 4 + 1; change > 0; --change) {
      const std::size_t at = random() % std::min(reach, bytes.size() - 8);
      switch (random() % 4) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes.erase(at, random() % 8 + 1);
          break;
        case 2:
          bytes.insert(at, bytes.substr(at, random() % 64));
          break;
        default:
          bytes.replace(at, 4, std::string("\xFF\xFF\xFF\xFF", 4));
      }
    }
    RawPeer peer(receiver_.port());
    peer.Send(bytes);
    peer.HangUp();
    while (!peer.Receive().empty()) {
    }
  }
  RawPeer peer(receiver_.port());
  ASSERT_EQ(peer.Associate(), kAccepted) << "seed " << kSeed;
  EXPECT_EQ(peer.Store(MadeInstance(1), MadeDataSet(1)), kSuccess);
  TestReceiver::WaitUntil("nothing arrives any more", [&] { return receiver_.Parts().empty(); });
}

}  // namespace
}  // namespace dinsd
