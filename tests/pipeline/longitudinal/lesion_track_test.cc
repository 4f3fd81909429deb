#include "pipeline/longitudinal/lesion_track.h"

#include <gmock/gmock.h>

#include "tests/pipeline/longitudinal/made_history.h"

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Presence At(const LesionTracks& tracks, std::size_t k, std::size_t t) {
  return tracks.tracks.at(k).cells.at(t).presence;
}

TEST(LesionTrackTest, EqualTrackingUidsAreOneLesionAndNothingIsRegisteredForThem) {
  FakeComparer compare;
  const LesionTracks tracks =
      FollowLesions({MadeTimepoint("2020-01-01", {MadeLesion(1, 2, "1.2"), MadeLesion(2, 3, "1.3")}),
                     MadeTimepoint("2021-01-01", {MadeLesion(1, 3, "1.3"), MadeLesion(2, 2, "1.2")})},
                    compare.Comparer());
  ASSERT_EQ(tracks.tracks.size(), 2U);
  EXPECT_EQ(tracks.tracks[0].cells[1].lesion, 1U);
  EXPECT_EQ(tracks.tracks[1].cells[1].lesion, 0U);
  EXPECT_TRUE(compare.asked.empty());
}

// "L1" twice says nothing.
TEST(LesionTrackTest, EqualNamesAreNot) {
  FakeComparer compare;
  const LesionTracks tracks =
      FollowLesions({MadeTimepoint("2020-01-01", {MadeLesion(1, 2)}), MadeTimepoint("2021-01-01", {MadeLesion(1, 3)})},
                    compare.Comparer());
  ASSERT_EQ(tracks.tracks.size(), 2U);
  EXPECT_EQ(At(tracks, 0, 1), Presence::kNotFound);
  EXPECT_TRUE(tracks.tracks[1].cells[1].is_new);
}

TEST(LesionTrackTest, WhatMatchesByPlaceKeepsTheEarliestUidAndIsKnownByAllThatItHad) {
  FakeComparer compare;
  compare(0, 1).matches.pairs = {{1, 2, 0.8, 3}};
  const LesionTracks tracks = FollowLesions(
      {MadeTimepoint("2020-01-01", {MadeLesion(1, 2, "1.2")}), MadeTimepoint("2021-01-01", {MadeLesion(2, 2, "1.9")}),
       MadeTimepoint("2022-01-01", {MadeLesion(1, 2, "1.9")})},
      compare.Comparer());
  ASSERT_EQ(tracks.tracks.size(), 1U);
  EXPECT_EQ(tracks.tracks[0].uid, "1.2");
  EXPECT_EQ(At(tracks, 0, 2), Presence::kMeasured);
  EXPECT_EQ(compare.asked.size(), 1U);
}

// The prior had it when clicks were proposed, and was revised since.
TEST(LesionTrackTest, WhatAnEarlierRevisionOfThePriorHadIsNotNew) {
  FakeComparer compare;
  PatientTimepoint followed = MadeTimepoint("2021-01-01", {MadeLesion(1, 2, "1.2"), MadeLesion(6, 3, "1.6")});
  followed.lesions[1].flags = {kPriorRevised};
  const LesionTracks tracks =
      FollowLesions({MadeTimepoint("2020-01-01", {MadeLesion(1, 2, "1.2")}), followed}, compare.Comparer());
  ASSERT_EQ(tracks.tracks.size(), 2U);
  EXPECT_FALSE(tracks.tracks[1].cells[1].is_new);
  EXPECT_THAT(tracks.tracks[1].cells[1].why, HasSubstr("an earlier revision of the prior had it"));
}

// What had label 1 when clicks were proposed is gone from the prior, and another lesion has label 1 there now.
TEST(LesionTrackTest, LabelsOfAnEarlierRevisionOfThePriorNameNoLesionOfTheNewOne) {
  FakeComparer compare;
  PatientTimepoint followed = MadeTimepoint("2021-01-01", {MadeLesion(1, 2), MadeLesion(2, 3)});
  followed.followed = FollowedFrom{1, 2, "2020-01-01", {}, {{1, "L1"}}};
  followed.followed->is_revised = true;
  PatientTimepoint prior = MadeTimepoint("2020-01-01", {MadeLesion(1, 3)});
  prior.lesions[0].lesion.id = "L2";
  EXPECT_EQ(At(FollowLesions({prior, followed}, compare.Comparer()), 0, 1), Presence::kNotFound);
  prior.lesions[0].lesion.id = "L1";
  EXPECT_EQ(At(FollowLesions({prior, followed}, compare.Comparer()), 0, 1), Presence::kMeasured);
}

TEST(LesionTrackTest, AStudyWithoutClicksNamesItsLesionsByThoseOfItsPrior) {
  FakeComparer compare;
  PatientTimepoint followed = MadeTimepoint("2021-01-01", {MadeLesion(1, 2), MadeLesion(2, 3)});
  followed.lesions[0].lesion.id = "knee";
  followed.followed = FollowedFrom{1, 1, "2020-01-01", {}, {{7, "knee"}}};
  const LesionTracks tracks =
      FollowLesions({MadeTimepoint("2020-01-01", {MadeLesion(7, 2)}), followed}, compare.Comparer());
  EXPECT_EQ(At(tracks, 0, 1), Presence::kMeasured);
  ASSERT_EQ(compare.asked.size(), 1U) << "the other lesion may be new";
  EXPECT_THAT(compare.asked[0].open_later, ElementsAre(2));
  EXPECT_THAT(compare.asked[0].known, ElementsAre(std::pair<std::uint16_t, std::uint16_t>(7, 1)));
  EXPECT_TRUE(compare.asked[0].open_earlier.empty());
}

TEST(LesionTrackTest, ALesionThatWasOutsideOfOneImageIsFoundAgainInTheNext) {
  FakeComparer compare;
  compare(0, 1).not_imaged = {1};
  compare(0, 2).matches.pairs = {{1, 1, 0.5, 4}};
  const LesionTracks tracks =
      FollowLesions({MadeTimepoint("2020-01-01", {MadeLesion(1, 2)}), MadeTimepoint("2021-01-01", {}),
                     MadeTimepoint("2022-01-01", {MadeLesion(1, 3)})},
                    compare.Comparer());
  ASSERT_EQ(tracks.tracks.size(), 1U) << "it is no new lesion";
  EXPECT_EQ(At(tracks, 0, 1), Presence::kNotImaged);
  EXPECT_EQ(At(tracks, 0, 2), Presence::kMeasured);
}

TEST(LesionTrackTest, IsNewOnlyWhereItsPlaceWasImagedBefore) {
  FakeComparer compare;
  compare(0, 1).was_imaged = {1};
  const LesionTracks tracks = FollowLesions(
      {MadeTimepoint("2020-01-01", {}), MadeTimepoint("2021-01-01", {MadeLesion(1, 2), MadeLesion(2, 2)})},
      compare.Comparer());
  EXPECT_TRUE(tracks.tracks.at(0).cells[1].is_new);
  EXPECT_FALSE(tracks.tracks.at(1).cells[1].is_new);
  EXPECT_EQ(tracks.tracks[1].cells[1].why, "its place was not imaged before");
}

TEST(LesionTrackTest, WithoutImagesNothingIsNewAndNothingIsGone) {
  FakeComparer compare;
  compare(0, 1).not_compared = "images gone: PRIOR_IMAGES";
  const LesionTracks tracks = FollowLesions({MadeTimepoint("2020-01-01", {MadeLesion(1, 2), MadeLesion(2, 5, "1.5")}),
                                             MadeTimepoint("2021-01-01", {MadeLesion(1, 2), MadeLesion(2, 5, "1.5")})},
                                            compare.Comparer());
  ASSERT_EQ(tracks.tracks.size(), 3U);
  EXPECT_EQ(At(tracks, 0, 1), Presence::kNotCompared);
  EXPECT_EQ(At(tracks, 1, 1), Presence::kMeasured) << "by its UID";
  EXPECT_FALSE(tracks.tracks[2].cells[1].is_new);
  EXPECT_THAT(tracks.tracks[2].cells[1].why, HasSubstr("images gone"));
  ASSERT_EQ(tracks.findings.size(), 1U);
  EXPECT_FALSE(tracks.findings[0].is_compared);
}

TEST(LesionTrackTest, MergedLesionsStayMergedAndAChildKnowsItsParent) {
  FakeComparer compare;
  compare(0, 1).matches = {{{1, 1, 0.9, 1}}, {{1, {1, 2}}}, {}, {}, {}};
  compare(1, 2).matches = {{{1, 1, 0.9, 1}}, {}, {{1, {1, 4}}}, {}, {}};
  const LesionTracks tracks = FollowLesions({MadeTimepoint("2020-01-01", {MadeLesion(1, 2), MadeLesion(2, 3)}),
                                             MadeTimepoint("2021-01-01", {MadeLesion(1, 5)}),
                                             MadeTimepoint("2022-01-01", {MadeLesion(1, 4), MadeLesion(4, 1)})},
                                            compare.Comparer());
  ASSERT_EQ(tracks.tracks.size(), 3U);
  EXPECT_EQ(At(tracks, 1, 1), Presence::kMerged);
  EXPECT_EQ(tracks.tracks[1].cells[1].merged_into, 0U);
  EXPECT_THAT(tracks.tracks[0].cells[1].merged_from, ElementsAre(1));
  EXPECT_EQ(At(tracks, 1, 2), Presence::kMerged);
  EXPECT_EQ(tracks.tracks[2].cells[2].split_from, 0U);
  EXPECT_FALSE(tracks.tracks[2].cells[2].is_new);
}

TEST(LesionTrackTest, APreliminaryTimepointIsComparedAndNeverAReference) {
  FakeComparer compare;
  compare(0, 1).matches.pairs = {{1, 1, 0.9, 1}};
  compare(0, 2).matches.pairs = {{1, 1, 0.9, 1}};
  const LesionTracks tracks = FollowLesions(
      {MadeTimepoint("2020-01-01", {MadeLesion(1, 2)}), MadeTimepoint("2021-01-01", {MadeLesion(1, 3)}, false),
       MadeTimepoint("2022-01-01", {MadeLesion(1, 4)})},
      compare.Comparer());
  ASSERT_EQ(tracks.tracks.size(), 1U);
  for (const PlaceQuestion& question : compare.asked) EXPECT_EQ(question.earlier, 0U);
}

// It is told by its place too, and is one lesion.
TEST(LesionTrackTest, WhatOnlyAPreliminaryTimepointShowsIsKnownAgain) {
  FakeComparer compare;
  compare(0, 1).was_imaged = {1};
  compare(0, 2).was_imaged = {4};
  compare(1, 2).matches.pairs = {{1, 4, 0.9, 1}};
  const LesionTracks tracks =
      FollowLesions({MadeTimepoint("2020-01-01", {}), MadeTimepoint("2021-01-01", {MadeLesion(1, 3)}, false),
                     MadeTimepoint("2022-01-01", {MadeLesion(4, 4)})},
                    compare.Comparer());
  ASSERT_EQ(tracks.tracks.size(), 1U);
  const TrackCell& cell = tracks.tracks[0].cells[2];
  EXPECT_EQ(cell.presence, Presence::kMeasured);
  EXPECT_EQ(cell.seen_at, 1U);
  EXPECT_TRUE(cell.is_new) << "against the final one";
}

TEST(LesionTrackTest, WhatWasNotNewInAPreliminaryTimepointIsNotNewLater) {
  FakeComparer compare;
  compare(0, 1).was_imaged = {};
  const LesionTracks tracks =
      FollowLesions({MadeTimepoint("2020-01-01", {}), MadeTimepoint("2021-01-01", {MadeLesion(1, 3, "1.2")}, false),
                     MadeTimepoint("2022-01-01", {MadeLesion(1, 4, "1.2")})},
                    compare.Comparer());
  ASSERT_EQ(tracks.tracks.size(), 1U);
  EXPECT_FALSE(tracks.tracks[0].cells[2].is_new);
  EXPECT_EQ(tracks.tracks[0].cells[2].why, "its place was not imaged before");
}

// 2 became a part of 1; a lesion that shows again at its old place is it, and no new one.
TEST(LesionTrackTest, WhatShowsAgainAtTheOldPlaceOfAPartCameOffTheWhole) {
  FakeComparer compare;
  compare(0, 1).matches = {{{1, 1, 0.9, 1}}, {{1, {1, 2}}}, {}, {}, {}};
  compare(1, 2).matches.pairs = {{1, 1, 0.9, 1}};
  compare(1, 2).was_imaged = {2};
  compare(0, 2).matches.pairs = {{2, 2, 0.4, 3}};
  const std::vector<PatientTimepoint> timepoints = {MadeTimepoint("2020-01-01", {MadeLesion(1, 2), MadeLesion(2, 3)}),
                                                    MadeTimepoint("2021-01-01", {MadeLesion(1, 5)}),
                                                    MadeTimepoint("2022-01-01", {MadeLesion(1, 2), MadeLesion(2, 3)})};
  const LesionTracks tracks = FollowLesions(timepoints, compare.Comparer());
  ASSERT_EQ(tracks.tracks.size(), 2U);
  EXPECT_EQ(At(tracks, 1, 2), Presence::kMeasured);
  EXPECT_EQ(tracks.tracks[1].cells[2].split_from, 0U);
  ASSERT_FALSE(compare.asked.empty());
  EXPECT_THAT(compare.asked.back().open_earlier, ElementsAre(2));
  compare(0, 2).matches.pairs = {{2, 2, 0, 15}};
  const LesionTracks beside = FollowLesions(timepoints, compare.Comparer());
  ASSERT_EQ(beside.tracks.size(), 3U) << "near its old place is not at it";
  EXPECT_EQ(At(beside, 1, 2), Presence::kMerged);
  EXPECT_TRUE(beside.tracks[2].cells[2].is_new);
}

// A lesion without a voxel is in its result, and can be looked for by no place.
TEST(LesionTrackTest, AnEmptyLesionIsNeitherNewNorSought) {
  FakeComparer compare;
  const LesionTracks tracks = FollowLesions({MadeTimepoint("2020-01-01", {MadeLesion(1, 2, "1.2")}),
                                             MadeTimepoint("2021-01-01", {MadeLesion(1, 0, "1.2"), MadeLesion(2, 0)})},
                                            compare.Comparer());
  EXPECT_EQ(At(tracks, 0, 1), Presence::kMeasured);
  EXPECT_FALSE(tracks.tracks.at(1).cells[1].is_new);
  EXPECT_EQ(tracks.tracks[1].cells[1].why, "it holds no voxel");
  EXPECT_TRUE(compare.asked.empty());
}

}  // namespace
}  // namespace dinsd
