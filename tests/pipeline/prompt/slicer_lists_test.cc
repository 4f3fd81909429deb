#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "pipeline/prompt/foreign_prompts.h"
#include "pipeline/prompt/resolve.h"
#include "tests/pipeline/prompt/prompts_document.h"

namespace dinsd {
namespace {

using nlohmann::json;
using testing::ElementsAre;

// Lists as 3D Slicer writes them, one file each.
json List(const std::string& name, const std::vector<json>& points) {
  return {{"type", "Fiducial"}, {"name", name}, {"controlPoints", points}};
}

json Point(double x, const std::string& label = "", const std::string& description = "") {
  return {{"label", label}, {"description", description}, {"position", {x, -12, 60}}, {"positionStatus", "defined"}};
}

json Unplaced(const std::string& status) {
  return {{"label", "F-9"}, {"position", {0, 0, 0}}, {"positionStatus", status}};
}

json Roi(const std::string& name) {
  return {{"type", "ROI"}, {"name", name}, {"center", {20, -12, 60}}, {"size", {4, 6, 8}}};
}

// Names of files and their lists.
using Lists = std::vector<json>;
using Files = std::vector<std::pair<std::string, Lists>>;

Prompts Read(const Files& files) {
  std::vector<std::string> texts;
  for (const auto& [name, lists] : files) {
    texts.push_back(json{{"@schema", "markups-schema-v1.0.3.json"}, {"markups", lists}}.dump());
  }
  std::vector<MarkupsFile> read;
  for (std::size_t i = 0; i < files.size(); ++i) {
    read.push_back({{files[i].first, std::string(64, static_cast<char>('a' + i)), "2024-01-02T03:04:05Z"},
                    std::as_bytes(std::span(texts[i]))});
  }
  return ParseSlicerMarkups(read, GoodImage(), "1.2.3");
}

Prompts Read(const Lists& lists) {
  return Read(Files{{"F.mrk.json", lists}});
}

template <typename What>
std::string Refusal(const What& what) {
  try {
    (void)Read(what);
    return "";
  } catch (const InputError& error) {
    return error.verdict() == InputVerdict::kNeedsPrompts ? error.what() : "another verdict";
  }
}

TEST(SlicerLabels, OfTheNegativeKindAreNegative) {
  for (const char* label :
       {"-",   "-1",    "- 2",   "\u2212",   "\u2013",       "\u20133",      "L1 \u2013 ",       "L1-",
        "neg", "neg-2", "Neg 2", "NEGATIVE", "negative 1",   "negative_1",   "negative-12",      " negative ",
        "bg",  "BG 2",  "minus", "minus 1",  "Background 2", "background-1", "background\u00a02"}) {
    EXPECT_EQ(Read(Lists{List("L1", {Point(12), Point(20, label)})}).lesions[0].clicks[1].sign, Polarity::kNegative)
        << label;
  }
  for (const char* description : {"-", "-1", "neg", "negative 1", "Background 2", "bg", "\u2212"}) {
    const Prompts prompts = Read(Lists{List("L1", {Point(12), Point(20, "L1-2", description)})});
    EXPECT_EQ(prompts.lesions[0].clicks[1].sign, Polarity::kNegative) << description;
  }
}

TEST(SlicerLabels, OfOtherKindsArePositive) {
  for (const char* label :
       {"", "F-1", "L1-3", "MarkupsFiducial_1", "MarkupsFiducial-12", "positive 1", "positive-1", "pos", "+", "+1", "1",
        "F - 1", "F \u2013 1", "Thigh (left)-3", "posterior", "No 3", "T1-weighted", "Bein-\u00fcber-2", "bag"}) {
    EXPECT_EQ(Read(Lists{List("L1", {Point(12, label)})}).lesions[0].clicks[0].sign, Polarity::kPositive) << label;
  }
  for (const char* description : {"left thigh", "+", "T1 -weighted", "ends with -"}) {
    const Prompts prompts = Read(Lists{List("L1", {Point(12, "F-1", description)})});
    EXPECT_EQ(prompts.lesions[0].clicks[0].sign, Polarity::kPositive) << description;
  }
}

TEST(SlicerLabels, InDoubtAreRefused) {
  for (const char* label :
       {"L1 negative", "negative?", "(neg)", "no background", "neg pos", "L1 -1", "-L1", "tumour (-)", "+/-",
        "positive -", "not tumour", "no tumour", "no", "outside", "exclude 2", "N\u00c9GATIF", "Hintergrund", "bkg"}) {
    EXPECT_THAT(Refusal(Lists{List("L1", {Point(12), Point(20, label)})}),
                testing::StartsWith("PROMPT_SIGN_UNCLEAR: F.mrk.json [/markups/0/controlPoints/1]: label "))
        << label;
  }
  for (const auto& [label, description] :
       {std::pair{"+", "negative"}, {"positive 1", "-"}, {"-", "+"}, {"F-1", "is negative"}, {"F-1", "not sure"}}) {
    EXPECT_THAT(Refusal(Lists{List("L1", {Point(12), Point(20, label, description)})}),
                testing::StartsWith("PROMPT_SIGN_UNCLEAR: "))
        << label << ", " << description;
  }
}

// 3D Slicer labels the points of "T1+" as "T1+-1", and those of a list without a name as "-1".
TEST(SlicerLabels, ThatSlicerMakesOfTheListsNameSayNothing) {
  EXPECT_EQ(Read(Lists{List("T1+", {Point(12, "T1+-1")})}).lesions[0].clicks[0].sign, Polarity::kPositive);
  EXPECT_THAT(Refusal(Lists{List("", {Point(12), Point(20, "-1")})}), testing::StartsWith("PROMPT_SIGN_UNCLEAR: "));
}

TEST(SlicerLists, WithANegativeNameAreBackground) {
  for (const char* name : {"background", "Background 2", "negative", "neg-1", "bg", "-", "minus"}) {
    const std::string label = std::string(name) + "-1";
    const Prompts prompts =
        Read(Lists{List("L1", {Point(12)}), List(name, {Point(30, label), Point(32, "not tumour")})});
    ASSERT_EQ(prompts.lesions.size(), 1U) << name;
    ASSERT_EQ(prompts.background.size(), 2U) << name;
    EXPECT_EQ(prompts.background[0].sign, Polarity::kNegative);
  }
  EXPECT_THAT(Refusal(Lists{List("L1", {Point(12)}), List("background", {Point(30, "positive")})}),
              testing::StartsWith("PROMPT_SIGN_UNCLEAR: F.mrk.json [/markups/1/controlPoints/0]: "));
}

TEST(SlicerLists, WithADoubtfulNameAreRefused) {
  for (const char* name : {"L1 negative", "L1-", "L1 \u2212", "background of L1", "not tumour", "negatives"}) {
    const std::string refusal = Refusal(Lists{List("L1", {Point(12)}), List(name, {Point(30)})});
    EXPECT_THAT(refusal, testing::StartsWith("PROMPT_SIGN_UNCLEAR: F.mrk.json [/markups/1/name]: ")) << name;
  }
  EXPECT_THAT(Refusal(Lists{List("L1", {Point(12)}), Roi("background")}),
              testing::StartsWith("PROMPT_SIGN_UNCLEAR: F.mrk.json [/markups/1/name]: "));
}

TEST(SlicerLists, WithoutAPlacedPointAreRefused) {
  for (const char* status : {"undefined", "missing"}) {
    EXPECT_EQ(Refusal(Lists{List("L1", {Point(12)}), List("L2", {Unplaced(status), Unplaced(status)})}),
              "PROMPT_EMPTY: F.mrk.json [/markups/1/controlPoints]: holds 2 points, none of them with a position");
  }
  EXPECT_THAT(Refusal(Lists{List("L1", {})}), testing::StartsWith("PROMPT_EMPTY: "));
  EXPECT_THAT(Refusal(Lists{List("L1", {Point(12)}), List("background", {Unplaced("undefined")})}),
              testing::StartsWith("PROMPT_EMPTY: F.mrk.json [/markups/1/controlPoints]: "));
  EXPECT_EQ(Refusal(Lists{}), "PROMPT_EMPTY: F.mrk.json [/markups]: holds no list");
  EXPECT_THAT(Refusal(Lists{List("background", {Point(12)})}), testing::StartsWith("PROMPT_NO_POSITIVE: "));
}

TEST(SlicerLists, WarnOfPointsThatWereNotPlaced) {
  const Prompts prompts = Read(Lists{List("L1", {Point(12), Unplaced("undefined")})});
  EXPECT_EQ(prompts.lesions[0].clicks.size(), 1U);
  EXPECT_THAT(ResolvePrompts(prompts, GoodImage(), "1.2.3", "f").warnings,
              ElementsAre("F.mrk.json [/markups/0/controlPoints/1] has no position (undefined) and is no click"));
}

TEST(SlicerRois, ThatAreNoRotatedBoxAreRefused) {
  const auto refusal = [](const char* field, const json& value) {
    json roi = Roi("L1");
    roi[field] = value;
    return Refusal(Lists{roi});
  };
  EXPECT_EQ(refusal("orientation", {1, 0, 0, 0, 0.9999, 0, 0, 0, 1}), "");
  EXPECT_EQ(refusal("orientation", {0.8, -0.6, 0, 0.6, 0.8, 0, 0, 0, -1}), "");
  EXPECT_EQ(refusal("insideOut", false), "");
  using Axes = std::array<double, 9>;
  for (const Axes& axes : {Axes{0, 0, 0, 0, 0, 0, 0, 0, 0}, Axes{0.3, 0, 0, 0, 0.3, 0, 0, 0, 0.3},
                           Axes{1, 0, 0, 0, 1.01, 0, 0, 0, 1}, Axes{1, 0.1, 0, 0, 1, 0, 0, 0, 1}}) {
    EXPECT_THAT(refusal("orientation", axes),
                testing::StartsWith("PROMPT_SCHEMA: F.mrk.json [/markups/0/orientation]: is no rotation"))
        << json(axes);
  }
  EXPECT_THAT(refusal("insideOut", true), testing::StartsWith("PROMPT_SCHEMA: F.mrk.json [/markups/0/insideOut]: "));
  EXPECT_THAT(refusal("size", {0, 0, 0}), testing::StartsWith("PROMPT_EMPTY: F.mrk.json [/markups/0/size]: "));
}

TEST(SlicerLists, OfOneNameAreRefused) {
  EXPECT_EQ(Refusal(Lists{List("L1", {Point(12)}), List("L1", {Point(30)})}),
            "PROMPT_DUPLICATE_LESION: F.mrk.json [/markups/1]: \"L1\" names a list before it, /markups/0");
  EXPECT_THAT(Refusal(Lists{Roi("L1"), List("L1", {Point(12)}), Roi("L1")}),
              testing::StartsWith("PROMPT_DUPLICATE_LESION: F.mrk.json [/markups/2]: "));
  EXPECT_THAT(Refusal(Lists{List("background", {Point(12)}), List("background", {Point(30)}), List("L1", {Point(20)})}),
              testing::StartsWith("PROMPT_DUPLICATE_LESION: F.mrk.json [/markups/1]: "));
}

TEST(SlicerFiles, OfOneImageAreOne) {
  const Prompts prompts = Read(Files{{"F.mrk.json", {List("L1", {Point(12)})}},
                                     {"G.mrk.json", {List("L2", {Point(20)}), List("background", {Point(30)})}},
                                     {"R.mrk.json", {Roi("L1")}}});
  ASSERT_EQ(prompts.lesions.size(), 2U);
  EXPECT_EQ(prompts.lesions[0].id, "L1");
  EXPECT_EQ(prompts.lesions[0].box->place, "R.mrk.json/markups/0");
  EXPECT_EQ(prompts.lesions[1].id, "L2");
  EXPECT_EQ(prompts.lesions[1].clicks[0].place, "G.mrk.json/markups/0/controlPoints/0");
  EXPECT_EQ(prompts.background.size(), 1U);
  EXPECT_EQ(PromptsToJson(Parse(PromptsToJson(prompts))), PromptsToJson(prompts));
}

TEST(SlicerFiles, ThatContradictEachOtherAreRefused) {
  EXPECT_EQ(Refusal(Files{{"F.mrk.json", {List("L1", {Point(12)})}}, {"G.mrk.json", {List("L1", {Point(20)})}}}),
            "PROMPT_DUPLICATE_LESION: G.mrk.json [/markups/0]: \"L1\" names a list before it, F.mrk.json/markups/0");
  EXPECT_EQ(Refusal(Files{{"F.mrk.json", {List("L1", {Point(12)})}}, {"F_1.mrk.json", {List("L1_1", {Point(12)})}}}),
            "PROMPT_AMBIGUOUS: F_1.mrk.json [/markups/0/controlPoints/0]: is the same point as "
            "F.mrk.json/markups/0/controlPoints/0: one of the two lists is a copy");
  EXPECT_EQ(Refusal(Files{{"F.mrk.json", {List("L1", {Point(12), Point(20, "-")})}},
                          {"G.mrk.json", {List("L2", {Point(30), Point(20, "-")})}}}),
            "")
      << "a negative click may serve two lesions";
}

}  // namespace
}  // namespace dinsd
