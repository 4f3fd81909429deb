#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <map>

#include "daemon/messages/reader_messages.h"
#include "daemon/process/child_process.h"
#include "daemon/process/message_channel.h"
#include "tests/daemon/test_daemon.h"
#include "tests/pipeline/read/expected_outcomes.h"
#include "tests/pipeline/read/foreign_forms.h"

// Foreign files as studies of a watched folder. Without clicks nothing is decoded: the table dropped_expected.csv
// speaks of headers, and a study whose headers are accepted waits for its clicks. What decoding makes of them stands in
// the table of pipeline/read.

namespace dinsd {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExpected = "tests/daemon/foreign/dropped_expected.csv";

void WriteForm(const ForeignForm& form, const fs::path& folder) {
  for (std::size_t i = 0; i < form.files.size(); ++i) {
    const std::string name = i == 0 ? "x.dcm" : "n" + std::to_string(i) + ".dcm";
    std::ofstream(folder / name, std::ios::binary) << form.files[i];
  }
}

// A reader of its own, as the daemon starts it. Fails the test where it does not end well after its answer.
ReaderAnswer AnswerOfReader(const fs::path& folder) {
  ChildProcess reader =
      StartChild(Programs() / "dinsd-reader", {}, {.address_space_bytes = std::uint64_t{2} << 30U, .cpu_seconds = 300});
  SendMessage(reader.socket.get(), ReaderRequestText({"study", ListStudyFiles(folder), {}}),
              UniqueFd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)).get());
  const std::optional<Message> answer = ReceiveMessage(reader.socket.get());
  int status = 0;
  ::waitpid(reader.pid, &status, 0);
  EXPECT_EQ(DescribeExit(status), "exit code 0");
  return answer ? ParseReaderAnswer(answer->text) : ReaderAnswer{};
}

// State and code of the job that the daemon makes of it.
std::string InWords(const ReaderAnswer& answer) {
  const std::optional<Problem>& problem = answer.problem ? answer.problem : answer.prompts_problem;
  if (!problem) return answer.study ? "needs_prompts NO_PROMPTS" : "no answer";
  const bool is_quarantined = problem->verdict == InputVerdict::kQuarantined;
  return (is_quarantined ? "quarantined " : "rejected ") + problem->code;
}

TEST(Dropped, AReaderReadsOrRefusesEachAsExpected) {
  DINSD_REQUIRE_DATA("dicom/malformed.tar.xz");
  const std::vector<ForeignFile> files = MalformedFiles();
  if (files.empty()) GTEST_SKIP() << "cannot unpack dicom/malformed.tar.xz (needs tar and xz)";
  Outcomes outcomes;
  for (const ForeignFile& file : files) {
    for (const ForeignForm& form : FormsOf(file.bytes)) {
      const TempFolder study(FastFolder());
      WriteForm(form, study.path());
      outcomes["malformed," + file.name + "," + form.name] = InWords(AnswerOfReader(study.path()));
    }
  }
  EXPECT_EQ(outcomes.size(), 3 * 238U);  // 237 and the good file that they were made from
  ExpectOutcomes(kExpected, "malformed", outcomes);
}

// Each file in one of its forms, in turn, all of them at once.
class DroppedTest : public testing::Test {
 protected:
  void Drop(const std::string& name, const std::string& key, const ForeignForm& form) {
    const fs::path hidden = daemon_.Path("incoming/." + name);
    fs::create_directory(hidden);
    WriteForm(form, hidden);
    fs::rename(hidden, daemon_.Path("incoming/" + name));
    keys_[name] = key + "," + form.name;
  }

  [[nodiscard]] bool IsOver() const {
    const nlohmann::json jobs = daemon_.Jobs();
    return jobs.size() == keys_.size() && std::all_of(jobs.begin(), jobs.end(), [](const nlohmann::json& job) {
             return job.at("state") == "needs_prompts" || job.at("state") == "rejected" ||
                    job.at("state") == "quarantined";
           });
  }

  [[nodiscard]] Outcomes Reached() const {
    Outcomes outcomes;
    for (const nlohmann::json& job : daemon_.Jobs()) {
      const std::string state = job.at("state");
      outcomes[keys_.at(job.at("study"))] = state + " " + job.at("reason").at("code").get<std::string>();
    }
    return outcomes;
  }

  TestDaemon daemon_;
  std::map<std::string, std::string> keys_;  // study to "set,file,form"
};

TEST_F(DroppedTest, AWatchedFolderTakesThemAllAndTheDaemonGoesOn) {
  DINSD_REQUIRE_DATA("dicom/malformed.tar.xz");
  const std::vector<ForeignFile> files = MalformedFiles();
  if (files.empty()) GTEST_SKIP() << "cannot unpack dicom/malformed.tar.xz (needs tar and xz)";
  for (std::size_t n = 0; n < files.size(); ++n)
    Drop("s" + std::to_string(n), "malformed," + files[n].name, FormsOf(files[n].bytes).at(n % 3));
  daemon_.Start();
  daemon_.WaitUntil("each has been looked at", [this] { return IsOver(); });
  const Outcomes expected = ReadOutcomes(kExpected, "malformed"), reached = Reached();
  EXPECT_EQ(reached.size(), files.size());
  for (const auto& [key, outcome] : reached) {
    const auto row = expected.find(key);
    EXPECT_EQ(outcome, row == expected.end() ? "no row" : row->second) << key;
  }
  EXPECT_TRUE(daemon_.IsRunning());
  for (const char* sign : {"Sanitizer", "runtime error", "reader ended"})
    EXPECT_THAT(daemon_.Log(), testing::Not(testing::HasSubstr(sign)));
}

}  // namespace
}  // namespace dinsd
