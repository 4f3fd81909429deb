#include <gtest/gtest.h>
#include <sys/mount.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <list>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "pipeline/read/digest.h"
#include "tests/benchmarks/cstore/peers.h"
#include "tests/daemon/receiver/made_objects.h"
#include "tests/daemon/receiver/raw_peer.h"
#include "tests/daemon/receiver/test_receiver.h"
#include "tests/folders.h"

// A receiver among many peers and bad ones: nothing accepted is lost, nothing truncated is kept, others are served.

namespace dinsd {
namespace {

namespace fs = std::filesystem;

constexpr int kAccepted = 2, kSuccess = 0, kNoRoom = 0xA700;
constexpr const char* kElsewhere = "127.0.0.2";  // where the bad peers are

std::string Digest(const std::string& bytes) {
  return Sha256Hex(std::as_bytes(std::span(bytes)));
}

// What a receiver said success to, from any thread, held against its spool.
class Accepted {
 public:
  void Take(const std::string& data_set) {
    const std::lock_guard lock(mutex_);
    digests_.insert(Digest(data_set));
  }

  [[nodiscard]] std::size_t size() const { return digests_.size(); }

  // Every one lies there, whole; so does nothing else.
  void ExpectAllIn(const TestReceiver& receiver) const {
    std::set<std::string> there;
    for (const fs::path& object : receiver.Objects()) {
      std::ifstream in(receiver.spool() / object, std::ios::binary);
      there.insert(Digest(DataSetOf({std::istreambuf_iterator<char>(in), {}})));
    }
    EXPECT_EQ(there, digests_);
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::string> digests_;
};

std::string InstanceOf(int peer, int n) {
  return std::string("1.2.3.").append(std::to_string(peer)) + "." + std::to_string(n);
}

// An association that is asked for until there is a place.
void Insist(std::unique_ptr<RawPeer>& peer, const TestReceiver& receiver, const std::string& from = "127.0.0.1") {
  TestReceiver::WaitUntil("an association", [&] {
    peer = std::make_unique<RawPeer>(receiver.port(), from);
    return peer->Associate() == kAccepted;
  });
}

// Sends `count` objects in one association; returns how many were answered with success. Each other answer has to be
// that there is no room.
int SendObjects(const TestReceiver& receiver, int number, int count, Accepted& accepted) {
  std::unique_ptr<RawPeer> peer;
  Insist(peer, receiver);
  int kept = 0;
  for (int n = 0; n < count; ++n) {
    const std::string data_set = LargeDataSet(InstanceOf(number, n), static_cast<unsigned>(1000 * number + n));
    const int status = peer->Store(InstanceOf(number, n), data_set);
    if (status == kSuccess) {
      accepted.Take(data_set);
      ++kept;
    } else {
      EXPECT_EQ(status, kNoRoom) << "object " << n << " of peer " << number;
    }
  }
  peer->Release();
  return kept;
}

void Say(const char* what, std::size_t done, std::size_t wanted, double seconds) {
  std::printf("%-66s %6zu of %zu  %7.1f s\n", what, done, wanted, seconds);
}

TEST(CStoreTrouble, SixtyFourAssociationsAtOnce) {
  constexpr int kPeers = 64, kEach = 8;
  TestReceiver receiver(kBuildFolder);
  receiver.settings.max_per_address = receiver.settings.max_per_ae = receiver.settings.max_associations;
  receiver.Start();
  Accepted accepted;
  const double seconds = SecondsOf([&] {
    std::list<std::jthread> peers;
    for (int peer = 0; peer < kPeers; ++peer)
      peers.emplace_back([&, peer] { EXPECT_EQ(SendObjects(receiver, peer, kEach, accepted), kEach); });
  });
  Say("64 associations at once, objects kept", accepted.size(), kPeers * kEach, seconds);
  accepted.ExpectAllIn(receiver);
}

// Connections that say nothing, as many as are asked for, until it is over.
void StayIdle(const TestReceiver& receiver, int count, const std::atomic<bool>& is_over) {
  std::list<RawPeer> idle;
  for (int n = 0; n < count; ++n) idle.emplace_back(receiver.port(), kElsewhere);
  while (!is_over) std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

// True once it was cut off.
bool Trickle(const TestReceiver& receiver, const std::string& object) {
  std::unique_ptr<RawPeer> peer;
  Insist(peer, receiver, kElsewhere);
  constexpr std::size_t kMostSeconds = 120;
  for (std::size_t at = 0; at < kMostSeconds; ++at) {
    if (!peer->Send(object.substr(at, 1))) return true;
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
  return false;
}

// Ends in the middle of an object, at a place that the seed chooses; by an A-ABORT or by hanging up.
void AbortOften(const TestReceiver& receiver, const std::string& object, int count, std::atomic<int>& aborts) {
  constexpr std::size_t kAbort = 10;  // its bytes, which might end the object as any others would
  std::mt19937 random(20261129);
  for (int n = 0; n < count; ++n) {
    std::unique_ptr<RawPeer> peer;
    Insist(peer, receiver, kElsewhere);
    peer->Send(object.substr(0, random() % (object.size() - kAbort)));
    if (n % 2 == 0) peer->Send(std::string("\7\0\0\0\0\4\0\0\0\0", kAbort));
    ++aborts;
  }
}

TEST(CStoreTrouble, BadPeersKeepNobodyWaitingAndLeaveNothing) {
  constexpr int kIdle = 300, kAborts = 1000, kWanted = 400;
  TestReceiver receiver(kBuildFolder);  // at the default caps
  receiver.Start();
  Accepted accepted;
  std::atomic<bool> is_over = false, was_cut = false;
  std::atomic<int> aborts = 0;
  const std::string object = RawPeer::StoreCommand("1.2.3.4.1") + RawPeer::DataPdus(LargeDataSet("1.2.3.4.1", 1));
  int kept = 0;
  const double seconds = SecondsOf([&] {
    std::jthread trickle([&] { was_cut = Trickle(receiver, object); });
    std::jthread abort([&] { AbortOften(receiver, object, kAborts, aborts); });
    std::jthread idle([&] { StayIdle(receiver, kIdle, is_over); });
    kept = SendObjects(receiver, 0, kWanted, accepted);
    abort.join();
    trickle.join();
    is_over = true;
  });
  Say("300 idle, a byte a second, 1,000 aborts: objects of others kept", static_cast<std::size_t>(kept), kWanted,
      seconds);
  Say("aborts in the middle of an object, of which nothing is left", static_cast<std::size_t>(aborts), kAborts,
      seconds);
  EXPECT_EQ(kept, kWanted);
  EXPECT_EQ(aborts, kAborts);
  EXPECT_TRUE(was_cut) << "a byte a second";
  TestReceiver::WaitUntil("nothing arrives any more", [&] { return receiver.Parts().empty(); });
  accepted.ExpectAllIn(receiver);
}

// A small disk in memory, where one may be mounted.
class SmallDisk {
 public:
  SmallDisk() : is_mounted_(::mount("none", folder_.path().c_str(), "tmpfs", 0, "size=64m") == 0), error_(errno) {}
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (is_mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  [[nodiscard]] bool is_mounted() const { return is_mounted_; }
  [[nodiscard]] std::string why_not() const { return std::strerror(error_); }
  [[nodiscard]] const fs::path& path() const { return folder_.path(); }

 private:
  TempFolder folder_;
  bool is_mounted_;
  int error_;
};

TEST(CStoreTrouble, AFullDiskIsSaidAndNothingAcceptedIsLost) {
  constexpr int kPeers = 4, kEach = 50;  // 138 MB for 64 MiB
  const SmallDisk disk;
  if (!disk.is_mounted()) GTEST_SKIP() << "no small disk could be mounted: " << disk.why_not();
  TestReceiver receiver(disk.path());
  receiver.Start();
  Accepted accepted;
  const double seconds = SecondsOf([&] {
    std::list<std::jthread> peers;
    for (int peer = 0; peer < kPeers; ++peer)
      peers.emplace_back([&, peer] { EXPECT_LT(SendObjects(receiver, peer, kEach, accepted), kEach); });
  });
  Say("a full disk: objects kept, the others refused", accepted.size(), kPeers * kEach, seconds);
  EXPECT_GT(accepted.size(), 60U);
  accepted.ExpectAllIn(receiver);
  EXPECT_TRUE(receiver.Parts().empty());
  RawPeer peer(receiver.port());
  ASSERT_EQ(peer.Associate(), kAccepted);
  const std::string instance = InstanceOf(kPeers, 0), data_set = LargeDataSet(instance, 7);
  EXPECT_EQ(peer.Store(instance, data_set), kNoRoom);
  for (const fs::path& study : receiver.Studies()) fs::remove_all(study);
  EXPECT_EQ(peer.Store(instance, data_set), kSuccess) << "there is room again";
}

}  // namespace
}  // namespace dinsd
