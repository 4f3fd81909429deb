#include "pipeline/prompt/pairing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "pipeline/read/digest.h"
#include "tests/pipeline/prompt/sidecar_test.h"

namespace dinsd {
namespace {

using nlohmann::json;
using testing::ElementsAre;

// A study of two images.
class PairingTest : public SidecarTest {
 protected:
  PairingTest() {
    study_.images = {GoodImage(), GoodImage()};
    study_.images[0].is_chosen = true;
    study_.images[1].series_uid = "1.2.3.5";
    study_.images[1].file_sha256 = {std::string(64, 'b')};
  }

  static json Made(const std::string& created, const std::string& tool = "viewer") {
    json document = GoodPrompts();
    document["lesions"].erase(1);  // the proposed one
    document["provenance"]["created"] = created;
    document["provenance"]["tool"] = tool;
    return document;
  }

  static json Proposed(json document) {
    document["lesions"][0]["clicks"][0]["status"] = "proposed";
    return document;
  }

  static json Slicer(const char* name = "F", double x = 12) {
    return {{"@schema", "markups-schema-v1.0.3.json"},
            {"markups", {{{"type", "Fiducial"}, {"name", name}, {"controlPoints", {{{"position", {x, -12, 60}}}}}}}}};
  }
};

TEST_F(PairingTest, FindsNothingWhereThereIsNothing) {
  EXPECT_FALSE(Find());
}

TEST_F(PairingTest, TakesNoClicksFromTheFuture) {
  const std::int64_t now = *ParseDateTime("2024-11-01T22:00:00Z") / 1'000'000;
  Write("a.prompts.json", Made("2024-11-01T09:30:00Z"));
  Write("b.prompts.json", Made("2999-11-01T09:30:00Z"));  // would be the newest
  EXPECT_THAT([&] { (void)FindPrompts(folder_.path(), study_, {}, now); },
              testing::Throws<InputError>(testing::Property(&InputError::file, "b.prompts.json")));
}

TEST_F(PairingTest, FindsTheSidecarBySeries) {
  Write("1.2.3.4.prompts.json", Made("2024-11-01T09:30:00Z"));
  const auto found = Find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->file, "1.2.3.4.prompts.json");
  const std::string text = Made("2024-11-01T09:30:00Z").dump();
  EXPECT_EQ(found->sha256, Sha256Hex(std::as_bytes(std::span(text.data(), text.size()))));
  EXPECT_TRUE(found->others.empty());
}

TEST_F(PairingTest, FindsTheSidecarByDigest) {
  for (StudyImage& image : study_.images) image.series_uid = "";
  json document = Made("2024-11-01T09:30:00Z");
  document["image"] = {{"sha256", std::string(64, 'a')}};
  Write("image.nii.gz.prompts.json", document);
  EXPECT_TRUE(Find());
}

TEST_F(PairingTest, LeavesSidecarsOfOtherImagesOfTheStudyAlone) {
  json document = Made("2024-11-01T09:30:00Z");
  document["image"]["seriesInstanceUID"] = "1.2.3.5";
  Write("other.prompts.json", document);
  EXPECT_FALSE(Find());
  Write("own.prompts.json", Made("2024-11-01T09:30:00Z"));
  EXPECT_EQ(Find()->file, "own.prompts.json");
  EXPECT_THAT(Find()->others, ElementsAre(testing::StartsWith("other.prompts.json: ")));
}

TEST_F(PairingTest, QuarantinesASidecarThatNamesAnImageOfNobody) {
  for (const auto& [name, image] : {std::pair{"series", json{{"seriesInstanceUID", "1.2.3.40"}}},
                                    {"digest", json{{"sha256", std::string(64, 'f')}}},
                                    {"study", json{{"seriesInstanceUID", "1.2.3.4"}, {"studyInstanceUID", "9.9"}}}}) {
    study_.prompt_files.clear();
    json document = Made("2024-11-01T09:30:00Z");
    document["image"] = image;
    Write("a.prompts.json", document);
    EXPECT_THAT([&] { (void)Find(); }, testing::Throws<InputError>(testing::AllOf(
                                           testing::Property(&InputError::code, "PROMPT_IMAGE_MISMATCH"),
                                           testing::Property(&InputError::verdict, InputVerdict::kQuarantined))))
        << name;
  }
}

TEST_F(PairingTest, SaysOfAnImageOfNobodyThatStudyJsonLeavesFilesOut) {
  json document = Made("2024-11-01T09:30:00Z");
  for (const json& image : {json{{"seriesInstanceUID", "1.2.3.40"}}, json{{"sha256", std::string(64, 'f')}}}) {
    document["image"] = image;
    folder_.Write("a.prompts.json", document.dump());
    study_.prompt_files = {"a.prompts.json"};
    study_.unlisted_files = 0;
    EXPECT_THAT([&] { (void)Find(); },
                testing::ThrowsMessage<InputError>(testing::Not(testing::HasSubstr("study.json"))));
    study_.unlisted_files = 3;
    EXPECT_THAT([&] { (void)Find(); }, testing::ThrowsMessage<InputError>(testing::AllOf(
                                           testing::StartsWith("PROMPT_IMAGE_MISMATCH: a.prompts.json [/image/"),
                                           testing::HasSubstr("; study.json does not list 3 files"))));
  }
}

TEST_F(PairingTest, QuarantinesAMixUpEvenWhereNoImageIsChosen) {
  study_.images[0].is_chosen = false;
  study_.no_choice = InputError("SERIES_AMBIGUOUS", "", "", "two images");
  json document = Made("2024-11-01T09:30:00Z");
  Write("a.prompts.json", document);
  EXPECT_EQ(Error(), "SERIES_AMBIGUOUS");
  document["image"] = {{"seriesInstanceUID", "1.2.3.40"}};
  Write("b.prompts.json", document);
  EXPECT_EQ(Error(), "PROMPT_IMAGE_MISMATCH");
}

TEST_F(PairingTest, SaysThatAnImageCannotBeReadBeforeItSpeaksOfAMixUp) {
  study_.images.resize(1);
  study_.images[0].series_uid = "";
  study_.images[0].is_chosen = false;
  study_.images[0].file_sha256.clear();
  study_.images[0].error = study_.no_choice = InputError("NIFTI_TRUNCATED", "image.nii.gz", "", "is cut off");
  Write("a.prompts.json", Made("2024-11-01T09:30:00Z"));
  EXPECT_EQ(Error(), "NIFTI_TRUNCATED");
  study_.images[0].series_uid = "1.2.3.40";
  EXPECT_EQ(Error(), "PROMPT_IMAGE_MISMATCH") << "its series is known, and is another one";
  study_.images[0].series_uid = "";
  study_.images.push_back(GoodImage());
  study_.images[1].series_uid = "1.2.3.40";
  EXPECT_EQ(Error(), "PROMPT_IMAGE_MISMATCH") << "a person must look: the clicks may lie beside another image";
}

TEST_F(PairingTest, SaysThatTheBytesDifferWhereTheyDo) {
  const auto sentence = [&] {
    try {
      (void)Find();
    } catch (const InputError& error) {
      return error.field() + " " + error.sentence();
    }
    return std::string();
  };
  study_.images.resize(1);
  study_.images[0].series_uid = "";
  json document = Made("2024-11-01T09:30:00Z");
  document["image"]["sha256"] = std::string(64, 'f');
  Write("a.prompts.json", document);
  EXPECT_THAT(sentence(), testing::StartsWith("/image/sha256 "));
  EXPECT_THAT(sentence(), testing::HasSubstr("sha256 of image.nii.gz differs: aaaa"));
  study_.images[0].series_uid = "1.2.3.40";
  EXPECT_THAT(sentence(), testing::StartsWith("/image/seriesInstanceUID names 1.2.3.4, "));
}

TEST_F(PairingTest, IsNoMixUpWhereNoImageHasComeYet) {
  study_.images.clear();
  Write("a.prompts.json", Made("2024-11-01T09:30:00Z"));
  EXPECT_EQ(Error(), "SERIES_NOT_FOUND");
}

TEST_F(PairingTest, TakesTheNewest) {
  Write("a.prompts.json", Made("2024-11-01T09:30:00Z"));
  Write("b.prompts.json", Made("2024-11-01T11:00:00+01:00"));
  Write("c.prompts.json", Made("2024-11-01T09:59:59.5Z"));
  EXPECT_EQ(Find()->file, "b.prompts.json");
  EXPECT_EQ(Find()->others.size(), 2U);
}

TEST_F(PairingTest, TakesAVerifiedOneBeforeANewerProposal) {
  Write("a.prompts.json", Made("2024-11-01T09:30:00Z"));
  Write("b.prompts.json", Proposed(Made("2024-11-02T09:30:00Z")));
  EXPECT_EQ(Find()->file, "a.prompts.json");
}

TEST_F(PairingTest, RefusesTwoOfTheSameRankThatDiffer) {
  Write("a.prompts.json", Made("2024-11-01T09:30:00Z"));
  Write("b.prompts.json", Made("2024-11-01T10:30:00+01:00", "another viewer"));
  EXPECT_EQ(Error(), "PROMPT_AMBIGUOUS");
}

TEST_F(PairingTest, RefusesTwoProposalsOfTheSameRankThatDiffer) {
  Write("a.prompts.json", Proposed(Made("2024-11-01T09:30:00Z")));
  Write("b.prompts.json", Proposed(Made("2024-11-01T09:30:00Z", "another viewer")));
  EXPECT_EQ(Error(), "PROMPT_AMBIGUOUS");
}

TEST_F(PairingTest, TakesOneOfTwoThatSayTheSame) {
  Write("a.prompts.json", Made("2024-11-01T09:30:00Z"));
  folder_.Write("b.prompts.json", Made("2024-11-01T09:30:00Z").dump(2));
  study_.prompt_files.emplace_back("b.prompts.json");
  EXPECT_EQ(Find()->file, "a.prompts.json");
  EXPECT_THAT(Find()->others, ElementsAre("b.prompts.json: the same prompts again"));
}

TEST_F(PairingTest, IsSpoiledByASidecarThatCannotBeRead) {
  Write("a.prompts.json", Made("2024-11-01T09:30:00Z"));
  Write("b.prompts.json", {{"schema", "dinsd-prompts/1"}});
  EXPECT_EQ(Error(), "PROMPT_SCHEMA");
}

TEST_F(PairingTest, ReadsNoLinkAndNoLargeFile) {
  std::filesystem::create_symlink("/etc/passwd", folder_.path() / "a.prompts.json");
  study_.prompt_files = {"a.prompts.json"};
  EXPECT_EQ(Error(), "VOLUME_UNREADABLE");
  folder_.Write("b.prompts.json", std::string((16 << 20) + 1, ' '));
  study_.prompt_files = {"b.prompts.json"};
  EXPECT_EQ(Error(), "PROMPT_SCHEMA") << "the images are fine: it waits for better prompts";
}

TEST_F(PairingTest, TakesASlicerFileWhereOneSpaceIsMeant) {
  Write("F.mrk.json", Slicer());
  const auto found = Find();
  EXPECT_EQ(found->prompts.lesions[0].id, "F");
  EXPECT_EQ(found->prompts.image.series_uid, "1.2.3.4");
  study_.images[1].frame_of_reference_uid = "1.2.3.6";
  EXPECT_EQ(Error(), "PROMPT_AMBIGUOUS");
  study_.images[1].error = InputError("MISSING_SLICE", "", "", "");
  EXPECT_EQ(Error(), "") << "an image that cannot be used is not meant";
}

TEST_F(PairingTest, RefusesASlicerFileWhereNoSpaceIsKnown) {
  for (StudyImage& image : study_.images) image.frame_of_reference_uid = "";
  Write("F.mrk.json", Slicer());
  EXPECT_EQ(Error(), "PROMPT_AMBIGUOUS");
}

TEST_F(PairingTest, ReadsAFileThatAPersonNames) {
  folder_.Write("x/my clicks.json", Made("2024-11-01T09:30:00Z").dump());
  folder_.Write("x/F.mrk.json", Slicer().dump());
  std::filesystem::create_symlink("x/F.mrk.json", folder_.path() / "link.mrk.json");
  EXPECT_EQ(ReadPromptsFile(folder_.path() / "x/my clicks.json", study_, {}).prompts.lesions.size(), 1U);
  EXPECT_EQ(ReadPromptsFile(folder_.path() / "link.mrk.json", study_, {}).prompts.lesions[0].id, "F");
  EXPECT_THROW((void)ReadPromptsFile(folder_.path() / "none.json", study_, {}), InputError);
}

TEST_F(PairingTest, NamesTheFileOfAPersonWhereItIsForNoImageOfTheStudy) {
  json document = Made("2024-11-01T09:30:00Z");
  document["image"] = {{"seriesInstanceUID", "1.2.3.40"}};
  folder_.Write("x/clicks.json", document.dump());
  study_.images[0].is_chosen = false;  // as where that series was wanted
  study_.no_choice = InputError("SERIES_NOT_FOUND", "study", "", "the wanted image is none of its 2");
  EXPECT_THAT([&] { (void)ReadPromptsFile(folder_.path() / "x/clicks.json", study_, {}); },
              testing::ThrowsMessage<InputError>(testing::StartsWith(
                  "PROMPT_IMAGE_MISMATCH: clicks.json [/image/seriesInstanceUID]: names 1.2.3.40, ")));
}

TEST_F(PairingTest, NamesThePlaceOfWhatIsAmbiguous) {
  Write("a.prompts.json", Made("2024-11-01T09:30:00Z"));
  Write("b.prompts.json", Made("2024-11-01T09:30:00Z", "another viewer"));
  EXPECT_THAT([&] { (void)Find(); }, testing::ThrowsMessage<InputError>(testing::StartsWith(
                                         "PROMPT_AMBIGUOUS: a.prompts.json [/provenance/created]: and that of "
                                         "b.prompts.json")));
}

TEST_F(PairingTest, TakesTheListsOfSeveralSlicerFilesTogether) {
  Write("F.mrk.json", Slicer());
  Write("G.mrk.json", Slicer("G", 20));
  Write("copy of F.mrk.json", Slicer());
  const auto found = Find();
  ASSERT_EQ(found->prompts.lesions.size(), 2U);
  EXPECT_EQ(found->prompts.lesions[1].id, "G");
  EXPECT_EQ(found->file, "F.mrk.json + G.mrk.json");
  EXPECT_THAT(found->others, ElementsAre("copy of F.mrk.json: the same prompts again"));
  EXPECT_NE(found->sha256, ReadPromptsFile(folder_.path() / "F.mrk.json", study_, {}).sha256);
  Write("H.mrk.json", Slicer("G", 30));
  EXPECT_EQ(Error(), "PROMPT_DUPLICATE_LESION");
}

TEST_F(PairingTest, RanksNoFileByItsLastChange) {
  study_.images.resize(1);
  Write("a.prompts.json", Made("2024-11-01T09:30:00Z"));
  Write("b.prompts.json", Made("2024-11-02T09:30:00Z"));
  Write("F.mrk.json", Slicer());
  using std::chrono::hours;
  const auto now = std::filesystem::file_time_type::clock::now();
  for (const auto changed : {now, now - hours(24 * 365 * 30)}) {
    std::filesystem::last_write_time(folder_.path() / "F.mrk.json", changed);
    EXPECT_THAT([&] { (void)Find(); }, testing::ThrowsMessage<InputError>(
                                           "PROMPT_AMBIGUOUS: b.prompts.json: and F.mrk.json are for one image, "
                                           "their clicks differ, and not both say when they were made: leave "
                                           "one of them"));
  }
}

TEST_F(PairingTest, TakesVerifiedClicksOfSlicerBeforeAProposal) {
  Write("a.prompts.json", Proposed(Made("2024-11-01T09:30:00Z")));
  Write("F.mrk.json", Slicer());
  EXPECT_EQ(Find()->file, "F.mrk.json");
  EXPECT_THAT(Find()->others, ElementsAre("a.prompts.json: older or less verified"));
}

TEST_F(PairingTest, TakesOneOfTwoBoxFilesThatSayTheSame) {
  study_.images.resize(1);
  study_.images[0].files = {"volume-007.nii.gz"};
  for (const char* file : {"x/nf_box.csv", "y/nf_box.csv"}) {
    folder_.Write(file, "pid,z1,z2,y1,y2,x1,x2,iter\n7,-1,-1,-1,-1,-1,-1,20\n");
    study_.prompt_files.emplace_back(file);
  }
  const auto changed = std::filesystem::last_write_time(folder_.path() / "x/nf_box.csv");
  std::filesystem::last_write_time(folder_.path() / "y/nf_box.csv", changed + std::chrono::hours(1));
  EXPECT_THAT(Find()->others, ElementsAre("y/nf_box.csv: the same prompts again"));
  folder_.Write("y/nf_box.csv", "pid,z1,z2,y1,y2,x1,x2,iter\n7,1,4,1,4,1,4,20\n");
  EXPECT_EQ(Error(), "PROMPT_AMBIGUOUS");
}

TEST_F(PairingTest, KnowsTheSeriesThatTheSidecarsName) {
  const auto named = [&] { return SeriesNamedByPrompts(folder_.path(), study_.prompt_files, {}); };
  EXPECT_EQ(named(), "");
  Write("a.prompts.json", Made("2024-11-01T09:30:00Z"));
  Write("F.mrk.json", Slicer());
  Write("notes.txt", "x");
  EXPECT_EQ(named(), "1.2.3.4");
  json other = Made("2024-11-01T09:30:00Z");
  other["image"] = {{"sha256", std::string(64, 'a')}};
  Write("b.prompts.json", other);
  EXPECT_EQ(named(), "") << "two different ones";
  study_.prompt_files = {"b.prompts.json"};
  EXPECT_EQ(named(), std::string(64, 'a'));
  other["image"]["seriesInstanceUID"] = "1.2.3.4";
  folder_.Write("b.prompts.json", other.dump());
  EXPECT_EQ(named(), std::string(64, 'a')) << "a file need not say its series";
  folder_.Write("b.prompts.json", "{");
  EXPECT_EQ(named(), "") << "which FindPrompts will say";
}

}  // namespace
}  // namespace dinsd
