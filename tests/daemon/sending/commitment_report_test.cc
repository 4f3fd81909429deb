#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/outgoing/outgoing_spool.h"
#include "tests/daemon/receiver/made_objects.h"
#include "tests/daemon/receiver/raw_peer.h"
#include "tests/daemon/receiver/test_receiver.h"
#include "tests/daemon/sending/test_pacs.h"

// Reports on storage commitment, which a peer brings on an association of its own.

namespace dinsd {
namespace {

class CommitmentReportTest : public testing::Test {
 protected:
  void Start(bool takes_reports = true) {
    spool_.Make();
    if (takes_reports) receiver_.settings.reports_dir = folder_.path();
    receiver_.Start();
  }

  // What the peer was answered to a report on `objects`.
  int Report(const std::vector<ObjectUids>& objects, T_ASC_SC_ROLE role = ASC_SC_ROLE_SCP, DcmItem* more = nullptr) {
    DcmDataset data_set = CommitmentRequest("2.25.17", objects);
    if (more != nullptr) data_set.insertSequenceItem(DCM_FailedSOPSequence, more);
    DcmSCU peer;
    OFList<OFString> syntaxes;
    syntaxes.push_back(UID_LittleEndianImplicitTransferSyntax);
    (void)peer.addPresentationContext(UID_StorageCommitmentPushModelSOPClass, syntaxes, role);
    peer.setPeerAETitle("DINSD");
    peer.setPeerHostName("127.0.0.1");
    peer.setPeerPort(static_cast<Uint16>(receiver_.port()));
    if (peer.initNetwork().bad() || peer.negotiateAssociation().bad()) return -1;
    const T_ASC_PresentationContextID id = peer.findPresentationContextID(UID_StorageCommitmentPushModelSOPClass,
                                                                          UID_LittleEndianImplicitTransferSyntax, role);
    if (id == 0) return -2;
    Uint16 status = 0xFFFF;
    (void)peer.sendEVENTREPORTRequest(id, UID_StorageCommitmentPushModelSOPInstance, 1, &data_set, status);
    (void)peer.releaseAssociation();
    return status;
  }

  TempFolder folder_;
  OutgoingSpool spool_{folder_.path()};
  TestReceiver receiver_;
};

TEST_F(CommitmentReportTest, IsInTheSpoolWhenItsSuccessIsSaid) {
  Start();
  ASSERT_EQ(Report({{UID_SegmentationStorage, "1.2.3"}, {UID_EnhancedSRStorage, "1.2.4"}}), 0);
  ASSERT_EQ(spool_.Reports().size(), 1U);
  EXPECT_EQ(ParseCommitmentReport(spool_.Reports()[0].text), (CommitmentReport{"2.25.17", {"1.2.3", "1.2.4"}}));
}

TEST_F(CommitmentReportTest, APeerThatDoesNotClaimToBeTheProviderIsRefused) {
  Start();
  EXPECT_LT(Report({{UID_SegmentationStorage, "1.2.3"}}, ASC_SC_ROLE_DEFAULT), 0);
  EXPECT_TRUE(spool_.Reports().empty());
}

TEST_F(CommitmentReportTest, IsNotTakenWhereNobodyIsAskedForCommitment) {
  Start(false);
  EXPECT_LT(Report({{UID_SegmentationStorage, "1.2.3"}}), 0);
  EXPECT_TRUE(spool_.Reports().empty());
}

TEST_F(CommitmentReportTest, OneThatIsNestedTooDeepIsRefusedAndHarmsNobody) {
  Start();
  auto* item = new DcmItem;
  DcmItem* inner = item;
  for (int depth = 0; depth < 100; ++depth) {
    auto* next = new DcmItem;
    (void)inner->insertSequenceItem(DCM_FailedSOPSequence, next);
    inner = next;
  }
  EXPECT_EQ(Report({{UID_SegmentationStorage, "1.2.3"}}, ASC_SC_ROLE_SCP, item), 0x0110);
  EXPECT_TRUE(spool_.Reports().empty());
  EXPECT_EQ(Report({{UID_SegmentationStorage, "1.2.3"}}), 0);
}

TEST_F(CommitmentReportTest, ObjectsAreReceivedAsEver) {
  Start();
  RawPeer peer(receiver_.port());
  ASSERT_EQ(peer.Associate(), 2);
  EXPECT_EQ(peer.Store(MadeInstance(0), MadeDataSet(0)), 0);
}

}  // namespace
}  // namespace dinsd
