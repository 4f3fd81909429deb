#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <list>

#include "tests/benchmarks/cstore/peers.h"
#include "tests/daemon/receiver/test_receiver.h"
#include "tests/folders.h"

// What it costs to receive 400 objects, as ratios to other receivers of the same run on the same disk.

namespace dinsd {
namespace {

namespace fs = std::filesystem;

constexpr int kRounds = 3;

// Best of the rounds, of one kind of run.
class Best {
 public:
  void Take(double seconds) { seconds_ = std::min(seconds_, seconds); }
  [[nodiscard]] double seconds() const { return seconds_; }

 private:
  double seconds_ = 1e9;
};

// What was received lies there until all is measured: ext4 without a journal looks at each inode that was freed in the
// last minutes before it takes one, and whoever comes after a big removal would pay for that.
struct Leftovers {
  std::list<TestReceiver> receivers;
  std::list<TempFolder> folders;
};

// A receiver as dinsd starts it, on the disk of the build folder; `is_synced` false: nobody waits for that disk.
double SecondsOfOurs(const MadeObjects& objects, bool is_synced, bool is_parallel, Leftovers& left) {
  TestReceiver& receiver = left.receivers.emplace_back(kBuildFolder);
  receiver.settings.max_per_address = receiver.settings.max_per_ae = receiver.settings.max_associations;
  if (!is_synced) ::setenv("LD_PRELOAD", DINSD_NO_SYNC, 1);
  receiver.Start();
  ::unsetenv("LD_PRELOAD");
  std::vector<fs::path> folders = {objects.folder()};
  if (is_parallel) {
    folders.clear();
    for (int n = 0; n < kGroups; ++n) folders.push_back(objects.group(n));
  }
  const double seconds = SecondsOf([&] { SendFolders({receiver.port()}, folders); });
  EXPECT_EQ(receiver.Objects().size(), static_cast<std::size_t>(kObjects));
  receiver.Kill();
  return seconds;
}

double SecondsOfStorescp(const MadeObjects& objects, bool is_tuned, bool is_kept, Leftovers& left) {
  const TempFolder& kept = left.folders.emplace_back(kBuildFolder);
  const Storescp peer(
      is_kept ? std::vector<std::string>{"-od", kept.path().string()} : std::vector<std::string>{"--ignore"}, is_tuned);
  return SecondsOf([&] { SendFolders({peer.port(), is_tuned}, {objects.folder()}); });
}

// What the disk alone asks for a durable file: write, fsync, rename, fsync of the folder.
double SecondsOfDisk(const MadeObjects& objects, Leftovers& left) {
  std::vector<std::string> contents;
  for (const auto& entry : fs::recursive_directory_iterator(objects.folder())) {
    if (entry.is_regular_file()) contents.push_back(ReadText(entry.path()));
  }
  const TempFolder& kept = left.folders.emplace_back(kBuildFolder);
  const int folder = ::open(kept.path().c_str(), O_RDONLY | O_DIRECTORY);
  const double seconds = SecondsOf([&] {
    for (std::size_t n = 0; n < contents.size(); ++n) {
      const int file = ::openat(folder, "part", O_WRONLY | O_CREAT | O_EXCL, 0600);
      EXPECT_EQ(::write(file, contents[n].data(), contents[n].size()), static_cast<ssize_t>(contents[n].size()));
      ::fsync(file);
      ::close(file);
      ::renameat(folder, "part", folder, std::to_string(n).c_str());
      ::fsync(folder);
    }
  });
  ::close(folder);
  return seconds;
}

void Row(const char* row, const char* peer, double peer_seconds, double our_seconds, double target) {
  const double ratio = peer_seconds / our_seconds;
  std::printf("%-3s %-52s %8.2f s %8.2f s %7.2fx  target %5.2fx  %s\n", row, peer, peer_seconds, our_seconds, ratio,
              target, ratio >= target ? "met" : "MISSED");
  EXPECT_GE(ratio, target) << "row " << row << ", against " << peer;
}

TEST(CStoreSpeed, Rows7And7bAnd7c) {
  if (!HasDcmtkTools()) GTEST_SKIP() << "storescu and storescp are not installed";
  const MadeObjects objects;
  Leftovers left;
  Best protocol, disk, ours, parallel, unsynced, tuned;
  for (int round = 0; round < kRounds; ++round) {
    protocol.Take(SecondsOfStorescp(objects, true, false, left));
    disk.Take(SecondsOfDisk(objects, left));
    ours.Take(SecondsOfOurs(objects, true, false, left));
    parallel.Take(SecondsOfOurs(objects, true, true, left));
    unsynced.Take(SecondsOfOurs(objects, false, false, left));
    tuned.Take(SecondsOfStorescp(objects, true, true, left));
  }
  const double stock = SecondsOfStorescp(objects, false, true, left);
  std::printf("%d objects of 690 KB; best of %d rounds (stock storescp: one); peer, ours, ratio\n", kObjects, kRounds);
  std::printf("    floor: protocol alone %.2f s + durable files alone %.2f s\n", protocol.seconds(), disk.seconds());
  Row("7", "floor, one association", protocol.seconds() + disk.seconds(), ours.seconds(), 0.8);
  Row("7", "stock storescp (not durable)", stock, ours.seconds(), 4.5);
  Row("7b", "stock storescp; ours: 16 associations at once", stock, parallel.seconds(), 25);
  Row("7c", "stock storescp; ours without syncs", stock, unsynced.seconds(), 25);
  Row("7c", "storescp without delays, 128 KiB; ours without syncs", tuned.seconds(), unsynced.seconds(), 0.9);
}

}  // namespace
}  // namespace dinsd
