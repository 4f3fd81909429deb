#include "tests/storage/outbox_fixture.h"

namespace dinsd {
namespace {

using std::chrono::seconds;

TEST_F(OutboxTest, AResultIsOfferedOnceAndGoesToTheDestinationsOfThatMoment) {
  const JobId job = Done("a");
  ASSERT_EQ(outbox_.Unoffered().size(), 1U);
  EXPECT_EQ(outbox_.Unoffered()[0].job, job);
  outbox_.Offer(job, 1, {{"pacs", "", ""}, {"share", "PRELIMINARY", "it takes none"}});
  EXPECT_TRUE(outbox_.Unoffered().empty());
  outbox_.Offer(job, 1, {{"new", "", ""}});
  EXPECT_EQ(outbox_.List({}, {}, 10).size(), 2U) << "a later destination gets what is published later";
  EXPECT_EQ(StateOf({job, 1, "pacs"}), OutboxState::kPending);
  EXPECT_EQ(StateOf({job, 1, "share"}), OutboxState::kWithheld);
  EXPECT_FALSE(Begin("share").has_value());
}

TEST_F(OutboxTest, ResultsFoundAgainForALostQueueAreNotSent) {
  ASSERT_TRUE(queue_.Restore(Sighting("old"), {JobId{7}, 1, "key", "digest", clock_.wall, {}}, {}));
  EXPECT_TRUE(outbox_.Unoffered().empty());
  EXPECT_EQ(outbox_.SendNow({JobId{7}, 1, "pacs"}), Outbox::Answer::kDone) << "but by hand";
  EXPECT_TRUE(Begin().has_value());
}

TEST_F(OutboxTest, OneAttemptAtATimeAndOnlyTheCurrentOneCounts) {
  const JobId job = Published("a");
  Published("b");
  const OutboxEntry first = Begin().value();
  EXPECT_EQ(first.key, (OutboxKey{job, 1, "pacs"}));
  EXPECT_EQ(first.attempt, 1);
  EXPECT_FALSE(Begin().has_value());
  EXPECT_EQ(End(first, SendEnd::kUnreached), Fenced::kDone);
  clock_.Pass(seconds(8));
  const OutboxEntry again = Begin().value();
  EXPECT_EQ(again.attempt, 2);
  EXPECT_EQ(End(first, SendEnd::kStored), Fenced::kStale) << "the answer to the first attempt";
  EXPECT_EQ(End(again, SendEnd::kStored), Fenced::kDone);
  EXPECT_EQ(End(again, SendEnd::kRefused), Fenced::kStale) << "twice";
  EXPECT_EQ(StateOf(first.key), OutboxState::kSent);
  EXPECT_EQ(outbox_.Objects(first.key).size(), 2U);
  EXPECT_EQ(outbox_.Objects(first.key)[1], (OutboxObject{"dicom/sr.dcm", "1.2.4", 0, false}));
}

TEST_F(OutboxTest, ADestinationThatIsDownHoldsUpNoOther) {
  Published("a", {"pacs", "share"});
  EXPECT_EQ(End(Begin().value(), SendEnd::kUnreached), Fenced::kDone);
  EXPECT_FALSE(Begin().has_value()) << "the breaker";
  EXPECT_EQ(outbox_.Pulse("pacs").second, "words");
  EXPECT_TRUE(Begin("share").has_value());
}

TEST_F(OutboxTest, AnOldRevisionIsNotSentAfterItsSuccessor) {
  const JobId job = Published("a");
  PublishNext(job);
  EXPECT_FALSE(Begin().has_value()) << "its successor is published, if not offered yet";
  OfferAll({"pacs"});
  EXPECT_EQ(StateOf({job, 1, "pacs"}), OutboxState::kSuperseded);
  EXPECT_EQ(outbox_.SendNow({job, 1, "pacs"}), Outbox::Answer::kHasSuccessor);
  EXPECT_EQ(Begin().value().key.revision, 2);
}

TEST_F(OutboxTest, OneThatIsOnItsWayWhenItsSuccessorComesIsNotTriedAgain) {
  const JobId job = Published("a");
  const OutboxEntry old = Begin().value();
  PublishNext(job);
  OfferAll({"pacs"});
  EXPECT_FALSE(Begin().has_value()) << "the two are never on their way together";
  EXPECT_EQ(End(old, SendEnd::kRefused), Fenced::kDone);
  EXPECT_EQ(StateOf(old.key), OutboxState::kSuperseded);
  EXPECT_EQ(Begin().value().key.revision, 2);
}

TEST_F(OutboxTest, CommitmentIsMatchedOnceByItsTransaction) {
  options_of_pacs_.commitment = true;
  Published("a");
  const OutboxEntry entry = Begin().value();
  const std::string transaction = entry.transaction_uid.value();
  EXPECT_EQ(outbox_.Confirm(transaction, {"1.2.3", "1.2.4"}, options_of_pacs_), Outbox::Confirmed::kTooEarly);
  EXPECT_EQ(End(entry, SendEnd::kStored), Fenced::kDone);
  EXPECT_EQ(StateOf(entry.key), OutboxState::kUnconfirmed);
  EXPECT_EQ(outbox_.Confirm("2.25.99", {"1.2.3", "1.2.4"}, options_of_pacs_), Outbox::Confirmed::kUnknown);
  EXPECT_EQ(outbox_.Confirm(transaction, {"1.2.4", "1.2.3"}, options_of_pacs_), Outbox::Confirmed::kDone);
  EXPECT_EQ(StateOf(entry.key), OutboxState::kCommitted);
  EXPECT_TRUE(outbox_.Objects(entry.key)[0].is_committed);
  EXPECT_EQ(outbox_.Confirm(transaction, {}, options_of_pacs_), Outbox::Confirmed::kUnknown);
  EXPECT_EQ(StateOf(entry.key), OutboxState::kCommitted);
}

TEST_F(OutboxTest, WhatAQueryHasFoundIsSentAndNotCommitted) {
  options_of_pacs_.query = true;
  Published("a");
  const OutboxEntry entry = Begin().value();
  EXPECT_EQ(End(entry, SendEnd::kStored), Fenced::kDone);
  EXPECT_EQ(StateOf(entry.key), OutboxState::kUnconfirmed);
  EXPECT_EQ(outbox_.Confirm(entry.transaction_uid.value(), {"1.2.3", "1.2.4"}, options_of_pacs_, true),
            Outbox::Confirmed::kDone);
  EXPECT_EQ(StateOf(entry.key), OutboxState::kSent);
  EXPECT_EQ(outbox_.Find(entry.key)->code, "FOUND_BY_QUERY");
  EXPECT_FALSE(outbox_.Objects(entry.key)[0].is_committed);
}

TEST_F(OutboxTest, AnObjectThatIsNotKeptIsSentAgain) {
  options_of_pacs_.commitment = true;
  Published("a");
  const OutboxEntry entry = Begin().value();
  EXPECT_EQ(End(entry, SendEnd::kStored), Fenced::kDone);
  EXPECT_EQ(outbox_.Confirm(*entry.transaction_uid, {"1.2.3"}, options_of_pacs_), Outbox::Confirmed::kDone);
  EXPECT_EQ(StateOf(entry.key), OutboxState::kPending);
  EXPECT_EQ(outbox_.Find(entry.key)->code, "NOT_COMMITTED");
  clock_.Pass(seconds(8));
  const OutboxEntry again = Begin().value();
  EXPECT_FALSE(again.progress.is_stored);
  EXPECT_NE(again.transaction_uid, entry.transaction_uid);
}

TEST_F(OutboxTest, ACommitmentThatNeverComesIsAskedForAgainUntilTheBudgetIsUsed) {
  options_of_pacs_.commitment = true;
  Published("a");
  OutboxEntry entry = Begin().value();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(End(entry, SendEnd::kStored), Fenced::kDone);
    EXPECT_TRUE(outbox_.Overdue().empty());
    clock_.Pass(options_of_pacs_.commitment_limit);
    ASSERT_EQ(outbox_.Overdue().size(), 1U);
    outbox_.GiveUpWaiting(outbox_.Overdue()[0].key, options_of_pacs_);
    clock_.Pass(seconds(64));
    if (i < 2) entry = Begin().value();
    EXPECT_TRUE(entry.progress.is_stored || i == 2);
  }
  EXPECT_EQ(StateOf(entry.key), OutboxState::kFailed);
  EXPECT_EQ(outbox_.Find(entry.key)->code, "COMMITMENT_SILENT");
}

TEST_F(OutboxTest, APersonSendsWhatFailedAgain) {
  Published("a");
  const OutboxEntry entry = Begin().value();
  EXPECT_EQ(End(entry, SendEnd::kWrongResult), Fenced::kDone);
  EXPECT_EQ(StateOf(entry.key), OutboxState::kFailed);
  EXPECT_EQ(outbox_.SendNow(entry.key), Outbox::Answer::kDone);
  const OutboxEntry again = Begin().value();
  EXPECT_EQ(again.attempt, 2) << "only grows";
  EXPECT_EQ(outbox_.SendNow(entry.key), Outbox::Answer::kNotAllowed) << "it is on its way";
  EXPECT_EQ(End(again, SendEnd::kStored), Fenced::kDone);
  EXPECT_EQ(outbox_.SendNow(entry.key), Outbox::Answer::kNotAllowed) << "it was sent";
  EXPECT_EQ(outbox_.SendNow({JobId{99}, 1, "pacs"}), Outbox::Answer::kNoSuchResult);
}

TEST_F(OutboxTest, TimesFollowAClockThatIsSet) {
  Published("a");
  EXPECT_EQ(End(Begin().value(), SendEnd::kRefused), Fenced::kDone);
  clock_.wall -= std::chrono::hours(24);
  outbox_.FollowClock(-std::chrono::hours(24));
  clock_.Pass(seconds(8));
  EXPECT_TRUE(Begin().has_value());
}

TEST_F(OutboxTest, ListsByJobAndState) {
  const JobId a = Published("a", {"pacs", "share"});
  Published("b");
  EXPECT_EQ(outbox_.List({}, {}, 10).size(), 3U);
  EXPECT_EQ(outbox_.List({}, {}, 2).size(), 2U);
  EXPECT_EQ(outbox_.List(a, {}, 10).size(), 2U);
  (void)Begin("share");
  EXPECT_EQ(outbox_.List({}, {OutboxState::kSending, OutboxState::kFailed}, 10).size(), 1U);
  EXPECT_EQ(outbox_.Counts(),
            (std::map<OutboxState, std::int64_t>{{OutboxState::kPending, 2}, {OutboxState::kSending, 1}}));
}

}  // namespace
}  // namespace dinsd
