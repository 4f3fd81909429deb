#include "pipeline/prompt/foreign_prompts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <ostream>

#include "pipeline/prompt/resolve.h"
#include "pipeline/segment/axes.h"
#include "tests/pipeline/prompt/prompts_document.h"
#include "tests/random.h"

namespace dinsd {
namespace {

using nlohmann::json;
using testing::ElementsAre;

std::span<const std::byte> BytesOf(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

const ForeignFile kSlicerFile = {"thigh.mrk.json", std::string(64, 'c'), "2024-01-02T03:04:05Z"};
const ForeignFile kBoxFile = {"nf_box.csv", std::string(64, 'd'), "2024-01-02T03:04:05Z"};

// A file as 3D Slicer 5 writes it, with fields that are not read.
json SlicerFile() {
  return json::parse(R"({
    "@schema": "https://raw.githubusercontent.com/slicer/slicer/master/Modules/Loadable/Markups/Resources/Schema/markups-schema-v1.0.3.json#",
    "markups": [{
      "type": "Fiducial", "coordinateSystem": "LPS", "coordinateUnits": "mm", "name": "Thigh", "locked": false,
      "labelFormat": "%N-%d", "lastUsedControlPointNumber": 3,
      "controlPoints": [
        {"id": "1", "label": "Thigh-1", "description": "", "associatedNodeID": "", "position": [11.5, -12.0, 60.2],
         "orientation": [-1.0, -0.0, -0.0, -0.0, -1.0, -0.0, 0.0, 0.0, 1.0], "selected": true, "locked": false,
         "visibility": true, "positionStatus": "defined"},
        {"id": "2", "label": "Thigh-2", "description": "negative", "position": [25.0, -12.0, 60.2],
         "positionStatus": "defined"},
        {"id": "3", "label": "Thigh-3", "description": "", "position": [0.0, 0.0, 0.0], "positionStatus": "undefined"}],
      "measurements": [], "display": {"visibility": true, "color": [1, 0, 0]}}]})");
}

Prompts ParseSlicer(const std::string& text) {
  return ParseSlicerMarkups(std::array{MarkupsFile{kSlicerFile, BytesOf(text)}}, GoodImage(), "1.2.3");
}

Prompts ParseSlicer(const json& document) {
  return ParseSlicer(document.dump());
}

json& Node(json& document) {
  return document["markups"][0];
}
json& ControlPoint(json& document) {
  return Node(document)["controlPoints"][0];
}

TEST(SlicerMarkups, BecomeALesionPerNode) {
  const Prompts prompts = ParseSlicer(SlicerFile());
  ASSERT_EQ(prompts.lesions.size(), 1U);
  EXPECT_EQ(prompts.lesions[0].id, "Thigh");
  ASSERT_EQ(prompts.lesions[0].clicks.size(), 2U) << "an undefined point has no position";
  EXPECT_THAT(prompts.lesions[0].clicks[0].p, ElementsAre(11.5, -12, 60.2));
  EXPECT_EQ(prompts.lesions[0].clicks[0].sign, Polarity::kPositive);
  EXPECT_EQ(prompts.lesions[0].clicks[1].sign, Polarity::kNegative);
  EXPECT_EQ(prompts.image.series_uid, "1.2.3.4");
  EXPECT_EQ(prompts.image.sha256, std::string(64, 'a'));
  EXPECT_EQ(prompts.provenance.source, "imported");
  EXPECT_EQ(prompts.provenance.imported_from, "slicer-markups sha256:" + std::string(64, 'c'));
  EXPECT_FALSE(ResolvePrompts(prompts, GoodImage(), "1.2.3", "f").is_preliminary);
}

TEST(SlicerMarkups, AreEchoedAsAValidSidecar) {
  const json echo = PromptsToJson(ParseSlicer(SlicerFile()));
  EXPECT_EQ(PromptsToJson(Parse(echo)), echo);
}

TEST(SlicerMarkups, InRasLandInTheSameVoxels) {
  json ras = SlicerFile();
  Node(ras)["coordinateSystem"] = "RAS";
  for (json& point : Node(ras)["controlPoints"]) {
    point["position"][0] = -point["position"][0].get<double>();
    point["position"][1] = -point["position"][1].get<double>();
  }
  const auto voxels = [](const Prompts& prompts) {
    std::vector<std::array<std::int64_t, 3>> all;
    const ResolvedPrompts resolved = ResolvePrompts(prompts, GoodImage(), "1.2.3", "f");
    for (const ResolvedClick& click : resolved.lesions[0].clicks) all.push_back(click.ijk);
    return all;
  };
  EXPECT_EQ(voxels(ParseSlicer(ras)), voxels(ParseSlicer(SlicerFile())));
}

TEST(SlicerMarkups, SayInSeveralWaysThatAPointIsNegative) {
  const auto sign_of = [](const char* label, const char* description) {
    json document = SlicerFile();
    Node(document)["controlPoints"][1]["label"] = label;
    Node(document)["controlPoints"][1]["description"] = description;
    return ParseSlicer(document).lesions[0].clicks[1].sign;
  };
  for (const auto& [label, description] :
       {std::pair{"F-2", "-"}, {"F-2", "Background"}, {"F-2", "neg"}, {"F 2-", ""}, {"-", ""}, {"NEGATIVE", ""}}) {
    EXPECT_EQ(sign_of(label, description), Polarity::kNegative) << label << ", " << description;
  }
  for (const auto& [label, description] : {std::pair{"F-2", ""}, {"", ""}, {"F-2", "+"}, {"F-2", "left thigh"}}) {
    EXPECT_EQ(sign_of(label, description), Polarity::kPositive) << label << ", " << description;
  }
}

TEST(SlicerMarkups, OfTheNodeBackgroundAreBackgroundClicks) {
  json document = SlicerFile();
  json node = Node(document);
  node["name"] = "Background";
  node["controlPoints"] = {{{"position", {30, -12, 0}}}};
  document["markups"].push_back(node);
  const Prompts prompts = ParseSlicer(document);
  ASSERT_EQ(prompts.background.size(), 1U);
  EXPECT_EQ(prompts.background[0].sign, Polarity::kNegative);
  EXPECT_EQ(prompts.lesions.size(), 1U);
}

TEST(SlicerMarkups, WithoutANameAreNamedAfterTheFile) {
  json document = SlicerFile();
  Node(document).erase("name");
  EXPECT_EQ(ParseSlicer(document).lesions[0].id, "thigh");
}

TEST(SlicerMarkups, InPlacementAreProposed) {
  json document = SlicerFile();
  ControlPoint(document)["positionStatus"] = "preview";
  EXPECT_EQ(ParseSlicer(document).lesions[0].clicks[0].status, ClickStatus::kProposed);
}

TEST(SlicerMarkups, MakeABoxOfAnRoi) {
  json document = SlicerFile();
  document["markups"].push_back({{"type", "ROI"},
                                 {"name", "Thigh"},
                                 {"coordinateSystem", "RAS"},
                                 {"roiType", "Box"},
                                 {"center", {-20, 10, 30}},
                                 {"size", {4, 6, 8}},
                                 {"orientation", {0, 1, 0, 1, 0, 0, 0, 0, 1}}});
  const Prompts prompts = ParseSlicer(document);
  ASSERT_EQ(prompts.lesions.size(), 1U);
  EXPECT_THAT(prompts.lesions[0].box->min, ElementsAre(17, -12, 26));
  EXPECT_THAT(prompts.lesions[0].box->max, ElementsAre(23, -8, 34));
  EXPECT_EQ(prompts.lesions[0].clicks.size(), 2U);
}

struct BadSlicer {
  const char* code;
  const char* name;
  std::function<void(json&)> spoil;
};

void PrintTo(const BadSlicer& bad, std::ostream* out) {
  *out << bad.name;
}

class BadSlicerTest : public testing::TestWithParam<BadSlicer> {};

TEST_P(BadSlicerTest, IsNamed) {
  json document = SlicerFile();
  GetParam().spoil(document);
  EXPECT_THAT([&] { (void)ParseSlicer(document); },
              testing::Throws<InputError>(
                  testing::AllOf(testing::Property(&InputError::code, GetParam().code),
                                 testing::Property(&InputError::verdict, InputVerdict::kNeedsPrompts))));
}

INSTANTIATE_TEST_SUITE_P(
    SlicerMarkups, BadSlicerTest,
    testing::Values(
        BadSlicer{"PROMPT_SCHEMA", "NoSlicerFile", [](json& d) { d = GoodPrompts(); }},
        BadSlicer{"PROMPT_SCHEMA", "AnotherSchema", [](json& d) { d["@schema"] = "markups-schema-v2.0"; }},
        BadSlicer{"PROMPT_SCHEMA", "Line", [](json& d) { Node(d)["type"] = "Line"; }},
        BadSlicer{"PROMPT_SCHEMA", "UnknownSpace", [](json& d) { Node(d)["coordinateSystem"] = "IJK"; }},
        BadSlicer{"PROMPT_SCHEMA", "Centimetres", [](json& d) { Node(d)["coordinateUnits"] = "cm"; }},
        BadSlicer{"PROMPT_SCHEMA", "PointWithoutPosition", [](json& d) { ControlPoint(d).erase("position"); }},
        BadSlicer{"PROMPT_SCHEMA", "RoiWithoutSize",
                  [](json& d) {
                    Node(d)["type"] = "ROI";
                    Node(d)["center"] = {1, 2, 3};
                  }},
        BadSlicer{"PROMPT_NO_POSITIVE", "OnlyNegative", [](json& d) { ControlPoint(d)["description"] = "-"; }}),
    [](const auto& info) { return std::string(info.param.code) + "_" + info.param.name; });

// Points of Slicer's own document: what the user sees.
class SlicerPlaceTest : public testing::Test {
 protected:
  // A second node, Hip in RAS, whose only click comes after a point that was never placed.
  SlicerPlaceTest() : document_(SlicerFile()) {
    json node = Node(document_);
    node["name"] = "Hip";
    node["coordinateSystem"] = "RAS";
    node["controlPoints"] = {node["controlPoints"][2], {{"position", {-12, 12, 60}}}};
    document_["markups"].push_back(node);
  }

  json& Second() { return document_["markups"][1]; }

  [[nodiscard]] std::string Refusal() const {
    try {
      (void)ResolvePrompts(ParseSlicer(document_), GoodImage(), "1.2.3", "thigh.mrk.json");
      return "";
    } catch (const InputError& error) {
      return error.what();
    }
  }

  json document_;
};

TEST_F(SlicerPlaceTest, IsThatOfTheControlPoint) {
  ASSERT_EQ(Refusal(), "");
  Second()["controlPoints"][1]["position"] = {-999, 12, 60};
  EXPECT_THAT(Refusal(), testing::StartsWith("PROMPT_OUTSIDE: thigh.mrk.json [/markups/1/controlPoints/1]: LPS-mm "
                                             "(999, -12, 60) is at voxel "));
  Second()["name"] = "background";
  EXPECT_THAT(Refusal(), testing::HasSubstr("[/markups/1/controlPoints/1]: "));
}

TEST_F(SlicerPlaceTest, IsThatOfBothPointsOfASignConflict) {
  Second()["controlPoints"][1]["position"] = {-25, 12, 60.2};
  EXPECT_EQ(Refusal(),
            "PROMPT_SIGN_CONFLICT: thigh.mrk.json [/markups/1/controlPoints/1]: is in the same voxel as "
            "/markups/0/controlPoints/1, with the other sign");
}

TEST_F(SlicerPlaceTest, IsThatOfTheNode) {
  Second()["controlPoints"][1]["label"] = "-";
  EXPECT_THAT(Refusal(), testing::StartsWith("PROMPT_NO_POSITIVE: thigh.mrk.json [/markups/1]: lesion \"Hip\" has 1"));
  Second() = {{"type", "ROI"}, {"name", "Hip"}, {"center", {900, 900, 900}}, {"size", {1, 1, 1}}};
  EXPECT_THAT(Refusal(), testing::StartsWith("PROMPT_OUTSIDE: thigh.mrk.json [/markups/1]: its voxels i, j, k "));
}

// An image of the published kind: coronal, i to the left, j to the feet, k to the back; 40 x 60 x 8 voxels.
StudyImage CoronalImage() {
  StudyImage image{.files = {"study/volume-007.nii.gz"}, .file_sha256 = {std::string(64, 'a')}};
  image.grid = {.size = {40, 60, 8}, .spacing = {1.5, 1.5, 8}, .direction = {1, 0, 0, 0, 0, 1, 0, -1, 0}};
  return image;
}

Prompts ParseBoxes(const std::string& text, const StudyImage& image = CoronalImage()) {
  return ParseNfBoxes(BytesOf(text), kBoxFile, image, "");
}

const std::string kHeader = "pid,z1,z2,y1,y2,x1,x2,iter\n";

TEST(NfBoxes, AreBoxesOfTheImagesOwnNumber) {
  const Prompts prompts = ParseBoxes(kHeader + "6,0,1,0,1,0,1,5\n7,10,20,2,5,3,30,12\n7,-1,-1,-1,-1,-1,-1,20\n");
  ASSERT_EQ(prompts.lesions.size(), 2U);
  EXPECT_EQ(prompts.lesions[0].id, "box 1");
  EXPECT_EQ(prompts.lesions[0].box->click_budget, 12);
  const ResolvedPrompts resolved = ResolvePrompts(prompts, CoronalImage(), "", "f");
  EXPECT_EQ(resolved.lesions[0].click_budget, 12);
  const AxisMap axes = ChooseAxes(CoronalImage().grid, AxisRule::kWorldAxes);
  EXPECT_EQ(axes.Size(), (Size3{60, 8, 40})) << "z to the head, y to the back, x to the left";
  const VoxelBox& box = *resolved.lesions[0].box;
  EXPECT_THAT(box.begin, ElementsAre(3, 60 - 20, 2)) << "rows count from the feet";
  EXPECT_THAT(box.end, ElementsAre(30, 60 - 10, 5));
  EXPECT_THAT(resolved.lesions[1].box->begin, ElementsAre(0, 0, 0));
  EXPECT_THAT(resolved.lesions[1].box->end, ElementsAre(40, 60, 8));
}

// A voxel lies in the box exactly when its place in the published reader's array does.
TEST(NfBoxes, HoldTheSameVoxelsAsThePublishedArray) {
  const StudyImage image = CoronalImage();
  const AxisMap axes = ChooseAxes(image.grid, AxisRule::kWorldAxes);
  const VoxelBox box = *ResolvePrompts(ParseBoxes(kHeader + "7,10,20,2,5,3,30,1\r\n"), image, "", "f").lesions[0].box;
  TestRandom random(9);
  for (int round = 0; round < 2000; ++round) {
    std::array<std::int64_t, 3> ijk{};
    bool is_inside = true;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      ijk[axis] = random.Below(image.grid.size[axis]);
      is_inside = is_inside && ijk[axis] >= box.begin[axis] && ijk[axis] < box.end[axis];
    }
    const Index3 v = axes.ToArray(ijk);
    EXPECT_EQ(is_inside, v.z >= 10 && v.z < 20 && v.y >= 2 && v.y < 5 && v.x >= 3 && v.x < 30);
  }
}

TEST(NfBoxes, AreEchoedAsAValidSidecar) {
  const json echo = PromptsToJson(ParseBoxes(kHeader + "7,10,20,2,5,3,30,12\n"));
  EXPECT_EQ(PromptsToJson(Parse(echo)), echo);
}

struct BadBoxes {
  const char* code;
  const char* name;
  std::string text;
};

void PrintTo(const BadBoxes& bad, std::ostream* out) {
  *out << bad.name;
}

class BadBoxesTest : public testing::TestWithParam<BadBoxes> {};

TEST_P(BadBoxesTest, AreNamed) {
  EXPECT_THAT([&] { (void)ParseBoxes(GetParam().text); },
              testing::Throws<InputError>(testing::Property(&InputError::code, GetParam().code)));
}

INSTANTIATE_TEST_SUITE_P(
    NfBoxes, BadBoxesTest,
    testing::Values(BadBoxes{"PROMPT_SCHEMA", "Empty", ""},
                    BadBoxes{"PROMPT_SCHEMA", "NoHeader", "7,10,20,2,5,3,30,12\n"},
                    BadBoxes{"PROMPT_SCHEMA", "OtherOrder", "pid,x1,x2,y1,y2,z1,z2,iter\n7,10,20,2,5,3,30,12\n"},
                    BadBoxes{"PROMPT_SCHEMA", "SevenCells", kHeader + "7,10,20,2,5,3,30\n"},
                    BadBoxes{"PROMPT_SCHEMA", "NineCells", kHeader + "7,10,20,2,5,3,30,12,1\n"},
                    BadBoxes{"PROMPT_SCHEMA", "NoInteger", kHeader + "7,10,20,2.5,5,3,30,12\n"},
                    BadBoxes{"PROMPT_SCHEMA", "Nan", kHeader + "7,nan,20,2,5,3,30,12\n"},
                    BadBoxes{"PROMPT_SCHEMA", "HugeNumber", kHeader + "7,99999999999999999999,20,2,5,3,30,12\n"},
                    BadBoxes{"PROMPT_SCHEMA", "SmallestNumber", kHeader + "7,-9223372036854775808,20,2,5,3,30,12\n"},
                    BadBoxes{"PROMPT_SCHEMA", "NoBudget", kHeader + "7,10,20,2,5,3,30,0\n"},
                    BadBoxes{"PROMPT_OUTSIDE", "EmptyBox", kHeader + "7,20,20,2,5,3,30,12\n"},
                    BadBoxes{"PROMPT_OUTSIDE", "InvertedBox", kHeader + "7,10,20,5,2,3,30,12\n"},
                    BadBoxes{"PROMPT_IMAGE_MISMATCH", "OtherNumbers", kHeader + "8,10,20,2,5,3,30,12\n"},
                    BadBoxes{"PROMPT_IMAGE_MISMATCH", "NoRows", kHeader}),
    [](const auto& info) { return std::string(info.param.code) + "_" + info.param.name; });

TEST(NfBoxes, OutsideTheImageAreRefused) {
  const Prompts prompts = ParseBoxes(kHeader + "6,0,1,0,1,0,1,5\n7,100,120,2,5,3,30,12\n");
  EXPECT_THAT([&] { (void)ResolvePrompts(prompts, CoronalImage(), "", "f"); },
              testing::Throws<InputError>(testing::AllOf(testing::Property(&InputError::code, "PROMPT_OUTSIDE"),
                                                         testing::Property(&InputError::field, "line 3"))));
}

TEST(NfBoxes, NeedAnImageWithANumber) {
  StudyImage dicom = CoronalImage(), unnumbered = CoronalImage();
  dicom.format = ImageFormat::kDicomSeries;
  unnumbered.files = {"volume.nii"};
  for (const StudyImage& image : {dicom, unnumbered}) {
    EXPECT_THAT([&] { (void)ParseBoxes(kHeader + "7,10,20,2,5,3,30,12\n", image); },
                testing::Throws<InputError>(
                    testing::AllOf(testing::Property(&InputError::code, "PROMPT_IMAGE_MISMATCH"),
                                   testing::Property(&InputError::verdict, InputVerdict::kQuarantined))));
  }
}

TEST(ForeignPrompts, NeverCrashOnAPrefixOrAFlippedBit) {
  TestRandom random(6);
  const std::string slicer = SlicerFile().dump(), boxes = kHeader + "7,10,20,2,5,3,30,12\n7,-1,-1,-1,-1,-1,-1,20\n";
  const auto try_to_read = [](const std::string& text) {
    for (const bool is_slicer : {true, false}) {
      try {
        (void)(is_slicer ? ParseSlicer(text) : ParseBoxes(text));
      } catch (const InputError&) {
      }
    }
  };
  for (const std::string& good : {slicer, boxes}) {
    for (std::size_t length = 0; length < good.size(); ++length) try_to_read(good.substr(0, length));
    for (int round = 0; round < 2000; ++round) {
      std::string spoiled = good;
      char& c = spoiled[static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(spoiled.size())))];
      c = static_cast<char>(c ^ (1 << random.Below(8)));
      try_to_read(spoiled);
    }
  }
}

}  // namespace
}  // namespace dinsd
