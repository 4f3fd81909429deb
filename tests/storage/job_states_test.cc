#include "storage/job_states.h"

#include <fstream>
#include <set>

#include "tests/folders.h"
#include "tests/storage/queue_fixture.h"

namespace dinsd {
namespace {

using Pair = std::pair<JobState, JobState>;

std::vector<JobState> AllStates() {
  std::vector<JobState> states;
  for (int i = 0; i < kJobStateCount; ++i) states.push_back(static_cast<JobState>(i));
  return states;
}

std::set<Pair> Table() {
  std::set<Pair> table;
  for (const JobTransition& transition : kAllowedTransitions) table.emplace(transition.from, transition.to);
  return table;
}

TEST(JobStates, EveryWordNamesItsState) {
  for (const JobState state : AllStates()) EXPECT_EQ(JobStateFromWord(Word(state)), state);
  EXPECT_EQ(JobStateFromWord("pending"), std::nullopt);
  EXPECT_EQ(JobStateFromWord(""), std::nullopt);
}

TEST(JobStates, TheTableHasNoDoublesAndNoStandstill) {
  EXPECT_EQ(Table().size(), kAllowedTransitions.size());
  for (const JobTransition& transition : kAllowedTransitions) EXPECT_NE(transition.from, transition.to);
}

TEST(JobStates, NobodyIsStuckAndNothingIsPublishedWithoutRunning) {
  for (const JobState state : AllStates()) {
    EXPECT_TRUE(state == JobState::kPublishing || state == JobState::kSettling || IsAllowed(state, JobState::kSettling))
        << Word(state) << " cannot start again";
    EXPECT_EQ(IsAllowed(state, JobState::kPublishing), state == JobState::kRunning) << Word(state);
    EXPECT_FALSE(IsAllowed(state, JobState::kReceived)) << Word(state);
  }
}

TEST(JobStates, TheDrawingShowsTheTable) {
  std::ifstream in(std::string(kSourceFolder) + "/storage/job_states.dot");
  std::set<Pair> drawn;
  for (std::string line; std::getline(in, line);) {
    const std::size_t arrow = line.find(" -> ");
    if (!line.starts_with("  ") || arrow == std::string::npos) continue;
    drawn.emplace(JobStateFromWord(line.substr(2, arrow - 2)).value(),
                  JobStateFromWord(line.substr(arrow + 4, line.size() - arrow - 5)).value());
  }
  EXPECT_EQ(drawn, Table());
}

TEST(JobStates, TheReadmeHasThemAll) {
  std::ifstream in(std::string(kSourceFolder) + "/README.md");
  std::string first_cells;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("| `")) first_cells += line.substr(0, line.find('|', 1));
  }
  for (const JobState state : AllStates()) {
    std::string word(1, '`');
    word.append(Word(state)).push_back('`');
    EXPECT_NE(first_cells.find(word), std::string::npos) << word;
  }
}

// A job in any state, written behind the queue's back.
class JobTableTest : public QueueTest {
 protected:
  void Force(JobId id, JobState state) {
    const bool is_leased = state == JobState::kRunning || state == JobState::kPublishing;
    using Number = std::optional<std::int64_t>;
    const Number lease = is_leased ? Number(1) : std::nullopt;
    database_.Run(
        "UPDATE job SET state = ?, key = 'k', result_digest = 'd', token = ?, lease_until = ?, owner_pid = ?"
        " WHERE id = ?",
        Word(state), lease, lease, lease, id);
  }
};

TEST_F(JobTableTest, EveryPairOfStatesIsAllowedOrRefusedAsTheTableSays) {
  const JobId id = queue_.SeeStudy(Sighting("a")).id;
  JobTable table(database_);
  for (const JobState from : AllStates()) {
    for (const JobState to : AllStates()) {
      if (from == to) continue;
      Force(id, from);
      const Job before = JobOf(id);
      Job after = before;
      after.state = to;
      after.token = 7;
      after.owner = kThisProcess;
      after.lease_until = clock_.wall;
      if (IsAllowed(from, to)) {
        table.Update(before, after);
        EXPECT_EQ(StateOf(id), to);
      } else {
        EXPECT_THROW(table.Update(before, after), std::logic_error) << Word(from) << " -> " << Word(to);
        EXPECT_EQ(StateOf(id), from);
      }
    }
  }
}

TEST_F(JobTableTest, AnUpdateOfAnOldRowIsRefused) {
  const JobId id = queue_.SeeStudy(Sighting("a")).id;
  const Job before = JobOf(id);
  ASSERT_TRUE(queue_.BeginInspection(id));
  Job after = before;
  after.state = JobState::kHeld;
  EXPECT_THROW(JobTable(database_).Update(before, after), std::logic_error);
  EXPECT_EQ(StateOf(id), JobState::kSettling);
}

TEST_F(JobTableTest, TheSchemaItselfRefusesImpossibleRows) {
  const JobId id = queue_.SeeStudy(Sighting("a")).id;
  for (const char* change :
       {"state = 'pending'", "state = 'running'", "state = 'available'", "state = 'done', key = 'k'", "lane = 'fast'",
        "revision = 0", "progress = 1.5", "token = 1", "attempt = 'one'"}) {
    EXPECT_THROW(database_.Run(std::string("UPDATE job SET ") + change + " WHERE id = ?", id), StorageError) << change;
  }
}

}  // namespace
}  // namespace dinsd
