#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <list>
#include <random>

#include "tests/daemon/receiver/made_objects.h"
#include "tests/daemon/receiver/raw_peer.h"
#include "tests/daemon/receiver/test_receiver.h"

// The real dinsd-receiver, with DCMTK's own programs and with peers that write their bytes by hand.

namespace dinsd {
namespace {

namespace fs = std::filesystem;

constexpr int kSuccess = 0, kClassNotSupported = 0x0122, kNotAuthorised = 0x0124, kNoRoom = 0xA700, kMismatch = 0xA900,
              kNotUnderstood = 0xC000;
constexpr int kAccepted = 2, kRejected = 3;

std::string Bytes(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool Runs(const std::string& command) {
  return std::system((command + " > /dev/null 2>&1").c_str()) == 0;
}

bool HasTools() {
  return Runs("storescu --version") && Runs("echoscu --version");
}

std::string End(const TestReceiver& receiver) {
  return " -aec DINSD 127.0.0.1 " + std::to_string(receiver.port());
}

bool Echoes(const TestReceiver& receiver) {
  return Runs("echoscu" + End(receiver));
}

int StoreSlice(RawPeer& peer, int k, const DicomEdit& edit = {}) {
  return peer.Store(MadeInstance(k), MadeDataSet(k, edit));
}

TEST(Receiver, AnswersAnEcho) {
  if (!HasTools()) GTEST_SKIP() << "echoscu and storescu are not installed";
  TestReceiver receiver;
  receiver.Start();
  EXPECT_TRUE(Echoes(receiver));
}

TEST(Receiver, KeepsWhatStorescuSendsByteForByte) {
  if (!HasTools()) GTEST_SKIP() << "echoscu and storescu are not installed";
  TestReceiver receiver;
  receiver.Start();
  const MadeStudy study(8);
  ASSERT_TRUE(Runs("storescu +sd" + End(receiver) + " " + study.root().string()));
  std::vector<std::string> sent, kept;
  for (int k = 0; k < 8; ++k) sent.push_back(MadeDataSet(k));
  for (const fs::path& object : receiver.Objects()) kept.push_back(DataSetOf(Bytes(receiver.spool() / object)));
  EXPECT_THAT(kept, testing::UnorderedElementsAreArray(sent));
  EXPECT_EQ(receiver.Studies().size(), 1U);
  EXPECT_TRUE(receiver.Parts().empty());
}

TEST(Receiver, KeepsTheTransferSyntaxOfWhatItCannotDecode) {
  TestReceiver receiver;
  receiver.Start();
  const char* const kJpegLs = UID_JPEGLSLosslessTransferSyntax;
  const std::string head = MadeDataSet(0, [](DcmDataset& data) { delete data.remove(DCM_PixelData); });
  const std::string pixels(
      "\xE0\x7F\x10\0OB\0\0\xFF\xFF\xFF\xFF\xFE\xFF\0\xE0\0\0\0\0\xFE\xFF\0\xE0\4\0\0\0any!\xFE\xFF\xDD\xE0\0\0\0\0",
      40);
  RawPeer peer(receiver.port());
  ASSERT_EQ(peer.Associate("SENDER", "DINSD", kMrClass, kJpegLs), kAccepted);
  ASSERT_EQ(peer.Store(MadeInstance(0), head + pixels), kSuccess);
  ASSERT_EQ(receiver.Objects().size(), 1U);
  const std::string file = Bytes(receiver.spool() / receiver.Objects()[0]);
  EXPECT_EQ(PrescanDicom(std::as_bytes(std::span(file)), "").transfer_syntax, kJpegLs);
  EXPECT_EQ(DataSetOf(file), head + pixels);
}

TEST(Receiver, AnObjectIsThereWhenItsSuccessIsSaid) {
  TestReceiver receiver;
  receiver.Start();
  RawPeer peer(receiver.port());
  ASSERT_EQ(peer.Associate(), kAccepted);
  for (int k = 0; k < 8; ++k) {
    ASSERT_EQ(StoreSlice(peer, k), kSuccess);
    ASSERT_EQ(receiver.Objects().size(), static_cast<std::size_t>(k + 1));
    ASSERT_TRUE(receiver.Parts().empty());
  }
  receiver.Kill();
  EXPECT_EQ(receiver.Objects().size(), 8U);
}

TEST(Receiver, AnAbortInTheMiddleOfAnObjectLeavesNothing) {
  TestReceiver receiver;
  receiver.settings.max_per_address = 64;
  receiver.settings.max_per_ae = 64;
  receiver.Start();
  const std::string data_set = MadeDataSet(0, [](DcmDataset& data) {
    const std::vector<Uint8> much(100'000, 1);
    data.putAndInsertUint8Array(DCM_EncapsulatedDocument, much.data(), much.size());
  });
  const std::string object = RawPeer::StoreCommand(MadeInstance(0)) + RawPeer::DataPdus(data_set);
  constexpr std::size_t kAbort = 10;  // bytes, which might end the object as any others would
  std::mt19937 random(20261129);
  for (int n = 0; n < 300; ++n) {
    const std::size_t cut = random() % (object.size() - kAbort);
    RawPeer peer(receiver.port());
    TestReceiver::WaitUntil("an association", [&] { return peer.Associate() == kAccepted; });
    peer.Send(object.substr(0, cut));
    if (n % 2 == 0) peer.Send(std::string("\7\0\0\0\0\4\0\0\0\0", 10));  // A-ABORT; else the connection just ends
  }
  TestReceiver::WaitUntil("nothing arrives any more", [&] { return receiver.Parts().empty(); });
  EXPECT_TRUE(receiver.Objects().empty());
  RawPeer peer(receiver.port());
  TestReceiver::WaitUntil("an association", [&] { return peer.Associate() == kAccepted; });
  EXPECT_EQ(StoreSlice(peer, 0), kSuccess);
}

TEST(Receiver, MorePeersThanAnAddressMayHaveAreRefused) {
  TestReceiver receiver;
  receiver.settings.max_per_address = 2;
  receiver.Start();
  RawPeer first(receiver.port()), third(receiver.port(), "127.0.0.2");
  ASSERT_EQ(first.Associate(), kAccepted);
  {
    RawPeer second(receiver.port());
    ASSERT_EQ(second.Associate(), kAccepted);
    RawPeer surplus(receiver.port());
    EXPECT_EQ(surplus.Associate(), kRejected);
    EXPECT_EQ(surplus.Rejection(), "2 3 2");
    EXPECT_EQ(third.Associate(), kAccepted) << "another address";
    second.Release();
  }
  TestReceiver::WaitUntil("a place is free", [&] { return RawPeer(receiver.port()).Associate() == kAccepted; });
}

TEST(Receiver, MorePeersThanThereMayBeAreRefused) {
  TestReceiver receiver;
  receiver.settings.max_associations = 1;
  receiver.Start();
  RawPeer first(receiver.port()), second(receiver.port(), "127.0.0.2");
  ASSERT_EQ(first.Associate(), kAccepted);
  EXPECT_EQ(second.Associate(), kRejected);
  EXPECT_EQ(second.Rejection(), "2 3 2");
  EXPECT_EQ(StoreSlice(first, 0), kSuccess);
}

TEST(Receiver, MorePeersThanATitleMayHaveAreRefused) {
  TestReceiver receiver;
  receiver.settings.max_per_ae = 1;
  receiver.Start();
  RawPeer first(receiver.port()), second(receiver.port()), other(receiver.port());
  ASSERT_EQ(first.Associate("ONE"), kAccepted);
  EXPECT_EQ(second.Associate("ONE"), kRejected);
  EXPECT_EQ(second.Rejection(), "2 3 2");
  EXPECT_EQ(other.Associate("TWO"), kAccepted);
}

TEST(Receiver, OnlyWhoIsKnownMaySend) {
  TestReceiver receiver;
  receiver.settings.calling_ae_titles = {"KNOWN"};
  receiver.settings.peers = {"127.0.0.1"};
  receiver.Start();
  RawPeer known(receiver.port()), wrong_called(receiver.port()), wrong_calling(receiver.port()),
      elsewhere(receiver.port(), "127.0.0.2");
  EXPECT_EQ(known.Associate("KNOWN"), kAccepted);
  EXPECT_EQ(wrong_called.Associate("KNOWN", "OTHER"), kRejected);
  EXPECT_EQ(wrong_called.Rejection(), "1 1 7");
  EXPECT_EQ(wrong_calling.Associate("STRANGER"), kRejected);
  EXPECT_EQ(wrong_calling.Rejection(), "1 1 3");
  EXPECT_EQ(elsewhere.Associate("KNOWN"), kRejected);
  EXPECT_EQ(elsewhere.Rejection(), "1 1 1");
}

TEST(Receiver, WhoMayNotStoreIsToldSoAndIsAnsweredOtherwise) {
  if (!HasTools()) GTEST_SKIP() << "echoscu and storescu are not installed";
  TestReceiver receiver;
  receiver.settings.calling_ae_titles = {"SENDER", "WATCHER"};
  receiver.settings.storing_ae_titles = {"SENDER"};
  receiver.Start();
  EXPECT_TRUE(Runs("echoscu -aet WATCHER" + End(receiver)));
  RawPeer watcher(receiver.port()), sender(receiver.port());
  ASSERT_EQ(watcher.Associate("WATCHER"), kAccepted);
  EXPECT_EQ(StoreSlice(watcher, 0), kNotAuthorised);
  EXPECT_EQ(StoreSlice(watcher, 1), kNotAuthorised) << "the association goes on";
  EXPECT_TRUE(receiver.Objects().empty());
  EXPECT_TRUE(receiver.Parts().empty());
  ASSERT_EQ(sender.Associate("SENDER"), kAccepted);
  EXPECT_EQ(StoreSlice(sender, 0), kSuccess);
}

TEST(Receiver, IdleConnectionsBlockNobodyAndEnd) {
  TestReceiver receiver;
  receiver.settings.request_limit = std::chrono::seconds(1);
  receiver.settings.max_per_address = 20;
  receiver.settings.max_associations = 20;
  receiver.Start();
  std::list<RawPeer> idle;
  for (int n = 0; n < 100; ++n) idle.emplace_back(receiver.port(), "127.0.0.2");
  RawPeer peer(receiver.port());
  TestReceiver::WaitUntil("a place is free", [&] { return RawPeer(receiver.port()).Associate() == kAccepted; });
  for (RawPeer& other : idle) EXPECT_EQ(other.Receive(), "") << "cut off without an answer";
}

TEST(Receiver, WhoTricklesIsCutOff) {
  TestReceiver receiver;
  receiver.settings.idle_limit = std::chrono::seconds(1);
  receiver.settings.least_bytes_per_second = 1 << 20;
  receiver.Start();
  RawPeer peer(receiver.port());
  ASSERT_EQ(peer.Associate(), kAccepted);
  const std::string object = RawPeer::StoreCommand(MadeInstance(0)) + RawPeer::DataPdus(std::string(100'000, 'x'));
  std::size_t at = RawPeer::StoreCommand(MadeInstance(0)).size();
  peer.Send(object.substr(0, at));
  TestReceiver::WaitUntil("it is cut off", [&] { return !peer.Send(object.substr(at++, 1)); });
  TestReceiver::WaitUntil("its part is removed", [&] { return receiver.Parts().empty(); });
  EXPECT_TRUE(receiver.Objects().empty());
}

TEST(Receiver, WhoSaysNothingMoreIsCutOff) {
  TestReceiver receiver;
  receiver.settings.idle_limit = std::chrono::seconds(1);
  receiver.Start();
  RawPeer peer(receiver.port());
  ASSERT_EQ(peer.Associate(), kAccepted);
  EXPECT_EQ(StoreSlice(peer, 0), kSuccess);
  EXPECT_EQ(peer.Receive(), "");
}

TEST(Receiver, AFullDiskIsSaidAndNothingIsLost) {
  TestReceiver receiver;
  receiver.Start();
  RawPeer before(receiver.port());
  ASSERT_EQ(before.Associate(), kAccepted);
  ASSERT_EQ(StoreSlice(before, 0), kSuccess);
  receiver.Kill();
  receiver.settings.least_free_bytes = std::uint64_t{1} << 60U;
  receiver.Start();
  RawPeer peer(receiver.port());
  ASSERT_EQ(peer.Associate(), kAccepted);
  EXPECT_EQ(StoreSlice(peer, 1), kNoRoom);
  EXPECT_EQ(StoreSlice(peer, 2), kNoRoom) << "the association goes on";
  EXPECT_EQ(receiver.Objects().size(), 1U);
  EXPECT_TRUE(receiver.Parts().empty());
}

TEST(Receiver, AnswersByCauseAndGoesOn) {
  TestReceiver receiver;
  receiver.settings.max_object_bytes = 50'000;
  receiver.Start();
  RawPeer peer(receiver.port());
  ASSERT_EQ(peer.Associate(), kAccepted);
  EXPECT_EQ(peer.Store("1.2.3.4.9", MadeDataSet(0)), kMismatch);
  EXPECT_EQ(peer.Store("1.2.3.4.1", std::string(1000, 'x')), kNotUnderstood);
  EXPECT_EQ(peer.Store("1.2.3.4.1", MadeDataSet(0), UID_SegmentationStorage), kClassNotSupported);
  EXPECT_EQ(peer.Store("1.2.3.4.1", std::string(60'000, 'x')), kNoRoom);
  EXPECT_TRUE(receiver.Objects().empty());
  EXPECT_TRUE(receiver.Parts().empty());
  EXPECT_EQ(StoreSlice(peer, 0), kSuccess);
  EXPECT_EQ(StoreSlice(peer, 0), kSuccess) << "the same again";
  EXPECT_EQ(receiver.Objects().size(), 1U);
}

TEST(Receiver, PartsOfACrashedReceiverAreRemoved) {
  TestReceiver receiver;
  receiver.Start();
  RawPeer peer(receiver.port());
  ASSERT_EQ(peer.Associate(), kAccepted);
  peer.Send(RawPeer::StoreCommand(MadeInstance(0)) + RawPeer::DataPdus(std::string(64'000, 'x')).substr(0, 40'000));
  TestReceiver::WaitUntil("it arrives", [&] { return receiver.Parts().size() == 1; });
  receiver.Kill();
  ASSERT_EQ(receiver.Parts().size(), 1U);
  receiver.Start();
  EXPECT_TRUE(receiver.Parts().empty());
}

TEST(Receiver, AsksForReliefAndFinishesWhatItHas) {
  TestReceiver receiver;
  receiver.settings.recycle_bytes = 1;
  receiver.Start();
  RawPeer staying(receiver.port());
  ASSERT_EQ(staying.Associate(), kAccepted);
  {
    RawPeer leaving(receiver.port());
    ASSERT_EQ(leaving.Associate(), kAccepted);
    leaving.Release();
  }
  EXPECT_EQ(receiver.Hear(), ReceiverWord::kRelieve);
  EXPECT_EQ(StoreSlice(staying, 0), kSuccess);
  staying.Release();
  EXPECT_EQ(receiver.WaitForEnd(), 0);
}

TEST(Receiver, FinishesWhenItIsTold) {
  TestReceiver receiver;
  receiver.Start();
  RawPeer peer(receiver.port());
  ASSERT_EQ(peer.Associate(), kAccepted);
  receiver.Say(ReceiverWord::kFinish);
  EXPECT_EQ(StoreSlice(peer, 0), kSuccess);
  peer.Release();
  EXPECT_EQ(receiver.WaitForEnd(), 0);
}

}  // namespace
}  // namespace dinsd
