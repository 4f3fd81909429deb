#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/daemon/receiver/made_objects.h"
#include "tests/daemon/receiver/raw_peer.h"
#include "tests/daemon/receiver/test_receiver.h"

// A success is said when the disk has said so: of the object, of the folder that it lies in, and of the folders that
// lead there. Wherever the disk fails there is none.

namespace dinsd {
namespace {

constexpr int kAccepted = 2, kSuccess = 0, kNoRoom = 0xA700;

class DurableTest : public testing::TestWithParam<const char*> {
 protected:
  // With a disk that fails as the parameter says.
  void StartFailing() {
    ::setenv("LD_PRELOAD", DINSD_FAILING_SYNC_LIBRARY, 1);
    ::setenv("DINSD_FAILING_SYNC", GetParam(), 1);
    receiver_.Start();
    ::unsetenv("LD_PRELOAD");
    ::unsetenv("DINSD_FAILING_SYNC");
  }

  [[nodiscard]] int StoreFirst() const {
    RawPeer peer(receiver_.port());
    return peer.Associate() == kAccepted ? peer.Store(MadeInstance(0), MadeDataSet(0)) : -1;
  }

  TestReceiver receiver_;
};

TEST_P(DurableTest, NoSuccessIsSaidOfWhatMayNotBeOnTheDisk) {
  StartFailing();
  EXPECT_EQ(StoreFirst(), kNoRoom);
  EXPECT_EQ(StoreFirst(), kNoRoom) << "the same again: that it lies there already is no proof";
  receiver_.Kill();
  receiver_.Start();
  EXPECT_EQ(StoreFirst(), kSuccess) << "the disk is well again";
  EXPECT_EQ(receiver_.Objects().size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(FileStudyRootAndPatient, DurableTest, testing::Values("f0", "d0", "d1", "d2"));

}  // namespace
}  // namespace dinsd
