#include "daemon/service/worker_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "config/load_settings.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

// A folder whose dinsd-worker is a script.
class Programs {
 public:
  explicit Programs(const std::string& script) {
    const std::filesystem::path worker = folder_.path() / "dinsd-worker";
    std::ofstream(worker) << "#!/bin/sh\n" << script << "\n";
    std::filesystem::permissions(worker, std::filesystem::perms::owner_all);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

 private:
  TempFolder folder_;
};

std::string FaultsOf(const Programs& programs, std::chrono::milliseconds limit) {
  try {
    CheckByWorker(programs.path(), {"cpu", "cuda:0"}, {}, limit);
  } catch (const ConfigError& error) {
    std::string faults;
    for (const std::string& fault : error.faults()) faults += fault + "\n";
    return faults;
  }
  return "";
}

TEST(CheckByWorker, TakesWorkersThatEndWell) {
  EXPECT_EQ(FaultsOf(Programs("exit 0"), std::chrono::seconds(30)), "");
}

TEST(CheckByWorker, NamesEachDeviceThatFailsWithTheWorkersWords) {
  const std::string faults = FaultsOf(Programs("echo \"no such device\" $2 >&2; exit 1"), std::chrono::seconds(30));
  EXPECT_THAT(faults, testing::HasSubstr("device \"cpu\": no such device cpu"));
  EXPECT_THAT(faults, testing::HasSubstr("device \"cuda:0\": no such device cuda:0"));
}

TEST(CheckByWorker, DoesNotWaitForEverForAWorkerThatHangs) {
  const std::string faults = FaultsOf(Programs("exec sleep 600"), std::chrono::milliseconds(1100));
  EXPECT_THAT(faults, testing::HasSubstr("\"cpu\" had not loaded its weights after 1 s"));
  EXPECT_THAT(faults, testing::HasSubstr("\"cuda:0\" had not loaded its weights after 1 s"));
}

}  // namespace
}  // namespace dinsd
