#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "daemon/log/log.h"
#include "daemon/publish/durable_files.h"
#include "daemon/publish/result_index.h"
#include "daemon/publish/result_store.h"
#include "tests/temp_folder.h"
#include "tests/unprivileged.h"

namespace dinsd {
namespace {

TEST(DurableFiles, NeverRenameOverSomethingThatIsThere) {
  const TempFolder folder;
  folder.Write("from/a", "new");
  folder.Write("to/b", "old");
  EXPECT_FALSE(RenameIntoPlace(folder.path() / "from", folder.path() / "to"));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "to" / "b"));
  EXPECT_TRUE(RenameIntoPlace(folder.path() / "from", folder.path() / "elsewhere"));
  EXPECT_EQ(ReadText(folder.path() / "elsewhere" / "a"), "new");
}

TEST(DurableFiles, RewriteLeavesNothingBeside) {
  const TempFolder folder;
  RewriteFile(folder.path() / "f", "one");
  RewriteFile(folder.path() / "f", "two");
  EXPECT_EQ(ReadText(folder.path() / "f"), "two");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(ResultStore, PublishesAWholeFolderOnce) {
  const TempFolder folder;
  ResultStore store(ResultsClaim(folder.path() / "results", {"id", "/state"}));
  std::ofstream(store.MakeStaging("7-1-aa") / "x") << "first";
  EXPECT_TRUE(store.MoveIntoPlace("7-1-aa", 7, 1));
  std::ofstream(store.MakeStaging("7-2-bb") / "x") << "second";
  EXPECT_FALSE(store.MoveIntoPlace("7-2-bb", 7, 1));
  EXPECT_EQ(ReadText(store.Place(7, 1) / "x"), "first");
}

TEST(ResultStore, KnowsTheNumbersThatAQueueCouldComeTo) {
  const TempFolder folder;
  const ResultStore store(ResultsClaim(folder.path() / "results", {"id", "/state"}));
  for (const char* name : {"7/r1", "12", "007", "0", "-3", "7a", "9223372036854775807", "99999999999999999999"}) {
    std::filesystem::create_directories(folder.path() / "results" / name);
  }
  folder.Write("results/30", "a file would be in the way too");
  EXPECT_THAT(store.Numbers(), testing::UnorderedElementsAre(7, 12, 30));
}

TEST(ResultStore, KnowsWhatLiesInAPlaceAndInAJobsFolder) {
  const TempFolder folder;
  const ResultStore store(ResultsClaim(folder.path() / "results", {"id", "/state"}));
  std::filesystem::create_directories(store.Place(7, 1));
  std::filesystem::create_directories(folder.path() / "results" / "8");  // as a crash leaves it before the rename
  EXPECT_TRUE(store.IsTaken(7, 1));
  EXPECT_FALSE(store.IsTaken(7, 2));
  EXPECT_TRUE(store.HoldsAnyOf(7));
  EXPECT_FALSE(store.HoldsAnyOf(8));
  EXPECT_FALSE(store.HoldsAnyOf(9));
}

TEST(ResultStore, SweepsAllButTheTokensInUse) {
  const TempFolder folder;
  ResultStore store(ResultsClaim(folder.path() / "results", {"id", "/state"}));
  std::ofstream(store.MakeStaging("1-1-aa") / "x") << "left behind";
  (void)store.MakeStaging("2-1-bb");
  EXPECT_EQ(store.Sweep({"2-1-bb"}), 1);
  EXPECT_FALSE(std::filesystem::exists(store.Staging("1-1-aa")));
  EXPECT_TRUE(std::filesystem::exists(store.Staging("2-1-bb")));
}

TEST(ResultStore, SaysWhileItsFolderIsAway) {
  const TempFolder folder;
  ResultStore store(ResultsClaim(folder.path() / "results", {"id", "/state"}));
  EXPECT_EQ(store.Obstacle(), "");
  std::filesystem::rename(folder.path() / "results", folder.path() / "away");
  EXPECT_EQ(store.Obstacle(), "results_dir " + (folder.path() / "results").string() +
                                  " cannot be written to (No such file or directory)");
  EXPECT_EQ(store.Sweep({}), 0);
  std::filesystem::rename(folder.path() / "away", folder.path() / "results");
  std::filesystem::remove(folder.path() / "results/.staging");
  EXPECT_EQ(store.Obstacle(), "");
  EXPECT_TRUE(std::filesystem::exists(store.MakeStaging("1-1-aa")));
}

TEST(ResultStore, SaysWhileItsFolderMayNotBeWrittenTo) {
  const TempFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  const Unprivileged nobody;
  ResultStore store(ResultsClaim(folder.path() / "results", {"id", "/state"}));
  for (const char* part : {"results", "results/.staging"}) {
    std::filesystem::permissions(folder.path() / part, std::filesystem::perms(0500));
    EXPECT_THAT(store.Obstacle(), testing::EndsWith("/results cannot be written to (Permission denied)")) << part;
    std::filesystem::permissions(folder.path() / part, std::filesystem::perms(0700));
    EXPECT_EQ(store.Obstacle(), "") << part;
  }
}

// Rights say nothing of a full disk of inodes, say. Here a link that leads nowhere is in the way.
TEST(ResultStore, TriesAgainAfterSomethingFailed) {
  const TempFolder folder;
  ResultStore store(ResultsClaim(folder.path() / "results", {"id", "/state"}));
  std::filesystem::create_symlink("/nowhere/at/all", store.Staging("1-1-aa"));
  std::filesystem::create_directory(store.Staging("trial"));
  folder.Write("results/.staging/.tmp-trial/file", "in the way of the trial");
  EXPECT_EQ(store.Obstacle(), "") << "nothing has failed yet";
  EXPECT_THROW((void)store.MakeStaging("1-1-aa"), std::system_error);
  EXPECT_THAT(store.Obstacle(), testing::HasSubstr("cannot be written to"));
  std::filesystem::remove_all(store.Staging("trial"));
  EXPECT_EQ(store.Obstacle(), "");
}

TEST(ResultIndex, KeepsItsRowsOverARestart) {
  const TempFolder folder;
  const std::filesystem::path file = folder.path() / "index.csv";
  {
    ResultIndex index(file);
    EXPECT_TRUE(index.Add({2, 1, "2026-01-02", "b", "/in/b", "1 9"}));
    EXPECT_TRUE(index.Add({1, 2, "", "a,\"quoted\"", "/in/a"}));
    index.Write();
  }
  ResultIndex again(file);
  EXPECT_FALSE(again.Add({2, 1, "2026-01-02", "b", "/in/b", "1 9"}));
  EXPECT_TRUE(again.Add({3, 1, "", "c", "/in/c"}));
  again.Write();
  EXPECT_EQ(ReadText(file),
            "job,revision,study_date,study,path,result,same_images\n"
            "1,2,,\"a,\"\"quoted\"\"\",/in/a,1/r2,\n"
            "2,1,2026-01-02,b,/in/b,2/r1,1 9\n"
            "3,1,,c,/in/c,3/r1,\n");
}

TEST(ResultIndex, TakesOverTheRowsOfAnOlderVersion) {
  const TempFolder folder;
  const std::filesystem::path file = folder.path() / "index.csv";
  folder.Write("index.csv",
               "job,revision,study_date,study,path,result\n"
               "2,1,2026-01-02,b,/in/\\x0ab,2/r1\n"
               "3,1,,half\n");
  ResultIndex index(file);
  EXPECT_EQ(index.Rows(), (std::vector<IndexRow>{{2, 1, "2026-01-02", "b", "/in/\nb", ""}}));
  index.Write();
  EXPECT_EQ(ReadText(file),
            "job,revision,study_date,study,path,result,same_images\n"
            "2,1,2026-01-02,b,/in/\\x0ab,2/r1,\n"
            "3,1,,half,,3/r1,\n");
}

TEST(ResultIndex, DropsTheRowsOfWhatIsNotThere) {
  const TempFolder folder;
  ResultIndex index(folder.path() / "index.csv");
  (void)index.Add({1, 1, "", "a", "/in/a"});
  (void)index.Add({2, 1, "", "b", "/in/b"});
  EXPECT_FALSE(index.KeepOnly([](std::int64_t, std::int64_t) { return true; }));
  EXPECT_TRUE(index.KeepOnly([](std::int64_t job, std::int64_t) { return job == 2; }));
  EXPECT_FALSE(index.Find(1, 1));
  EXPECT_TRUE(index.Find(2, 1));
}

TEST(ResultIndex, GivesItsRowsBack) {
  const TempFolder folder;
  ResultIndex index(folder.path() / "index.csv");
  (void)index.Add({1, 2, "2026-01-02", "=a,\"b\"\n", "/in/=a,\"b\"\n"});
  const std::vector<IndexRow> rows = index.Rows();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].job, 1);
  EXPECT_EQ(rows[0].revision, 2);
  EXPECT_EQ(rows[0].study_date, "2026-01-02");
  EXPECT_EQ(rows[0].study, "=a,\"b\"\n");
  EXPECT_EQ(rows[0].path, "/in/=a,\"b\"\n");
}

TEST(ResultIndex, DefusesCellsThatASpreadsheetWouldRun) {
  EXPECT_EQ(IndexCell("=1+1"), "\"'=1+1\"");
  EXPECT_EQ(IndexCell("@x"), "\"'@x\"");
  EXPECT_EQ(IndexCell("a\nb\\"), "a\\x0ab\\x5c");
  EXPECT_EQ(IndexCell("plain"), "plain");
}

TEST(Log, IsOneJsonObjectALineWithItsPriority) {
  const std::string line = LogLine(LogForm::kJson, Severity::kWarning, "re\njected", {{"job", 7}, {"code", "A\"B"}});
  EXPECT_THAT(line, testing::StartsWith("<4>{"));
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const nlohmann::json fields = nlohmann::json::parse(line.substr(3));
  EXPECT_EQ(fields.at("event"), "re\njected");
  EXPECT_EQ(fields.at("code"), "A\"B");
  EXPECT_EQ(fields.at("level"), "warning");
}

TEST(Log, IsWordsAndFieldsOnATerminal) {
  EXPECT_EQ(LogLine(LogForm::kText, Severity::kInfo, "done", {{"job", 7}, {"how", "exit code 3"}}),
            "done how=\"exit code 3\" job=7");
}

}  // namespace
}  // namespace dinsd
