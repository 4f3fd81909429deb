#include "model/weights_file.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "model/dins_network.h"
#include "model/guide_rule.h"
#include "model/manifest_json.h"
#include "model/tensorflow_bundle.h"
#include "model/tensorflow_checkpoint.h"
#include "model/weights_error.h"
#include "tests/temp_folder.h"
#include "tests/test_data.h"

namespace dinsd {
namespace {

using nlohmann::json;

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class WeightsFileTest : public testing::Test {
 protected:
  WeightsFileTest() {
    manifest_.width = 1;
    SaveWeights(path_, DinsNetwork::Initialised(1, DimVariant::kBoth, 3), manifest_, StoredAs::kFloat32);
  }

  // Rewrites the file's header.
  void Edit(const std::function<void(json&)>& edit) {
    const std::string bytes = ReadAll(path_);
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), 8);
    json header = json::parse(bytes.substr(8, length));
    edit(header);
    const std::string text = header.dump();
    length = text.size();
    folder_.Write("w.safetensors", std::string(reinterpret_cast<const char*>(&length), 8) + text +
                                       bytes.substr(bytes.size() - DataBytes(bytes)));
  }

  static std::size_t DataBytes(const std::string& bytes) {
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), 8);
    return bytes.size() - 8 - length;
  }

  void ExpectRefusal(const std::string& code, const std::string& names) {
    try {
      (void)LoadWeights(path_);
      FAIL() << "was not refused";
    } catch (const WeightsError& error) {
      EXPECT_EQ(error.code(), code);
      EXPECT_THAT(error.what(), testing::HasSubstr(names));
      EXPECT_THAT(error.what(), testing::HasSubstr("w.safetensors"));
    }
  }

  TempFolder folder_;
  std::filesystem::path path_ = folder_.path() / "w.safetensors";
  ModelManifest manifest_;
};

TEST_F(WeightsFileTest, ComesBackAsItWas) {
  manifest_.sigma = {1.5, 8, 8};
  manifest_.sigma_unit = SigmaUnit::kNetworkVoxel;
  manifest_.grid_rule = GridRule::kSpacing;
  manifest_.spacing_mm = 2;
  manifest_.trained_for = {"t1", "pet"};
  manifest_.training_crop = {24, 64, 80};
  const DinsNetwork network = DinsNetwork::Initialised(1, DimVariant::kBoth, 4);
  SaveWeights(path_, network, manifest_, StoredAs::kFloat32);
  const LoadedWeights loaded = LoadWeights(path_);
  EXPECT_EQ(ManifestToJson(loaded.manifest), ManifestToJson(manifest_));
  EXPECT_EQ(loaded.sha256.size(), 64U);
  for (const auto& [name, tensor] : network.tensors())
    EXPECT_TRUE(loaded.network->tensors().at(name).equal(tensor)) << name;
}

TEST_F(WeightsFileTest, ComesBackWithTheWordOfItsDim) {
  for (const char* word :
       {"both", "input", "highest", "none", "v2", "level-1", "level-2", "level-3", "level-4", "level-5"}) {
    SCOPED_TRACE(word);
    manifest_.dim = word;
    const DinsNetwork network = DinsNetwork::Initialised(1, DimVariantOf(manifest_), 4);
    SaveWeights(path_, network, manifest_, StoredAs::kFloat32);
    const LoadedWeights loaded = LoadWeights(path_);
    EXPECT_EQ(loaded.manifest.dim, word);
    EXPECT_EQ(loaded.network->tensors().size(), network.tensors().size());
    for (const auto& [name, tensor] : network.tensors())
      EXPECT_TRUE(loaded.network->tensors().at(name).equal(tensor)) << name;
  }
}

TEST_F(WeightsFileTest, ComesBackWithItsGuide) {
  manifest_.guide_scale = 0.02;
  manifest_.guide_alpha = 0.5;
  manifest_.guide_beta = 2;
  for (const char* word :
       {"expdt", "euclidean", "euclidean-half", "geodesic", "geodesic-half", "blend", "blend-half"}) {
    SCOPED_TRACE(word);
    manifest_.guide = word;
    SaveWeights(path_, DinsNetwork::Initialised(1, DimVariant::kBoth, 4), manifest_, StoredAs::kFloat32);
    const ModelManifest loaded = LoadWeights(path_).manifest;
    EXPECT_EQ(ManifestToJson(loaded), ManifestToJson(manifest_));
    EXPECT_EQ(loaded.guide, word);
    const GuideRule rule = GuideRuleOf(loaded);
    EXPECT_EQ(rule.scale, rule.IsDistance() ? 0.02 : 1);
    EXPECT_EQ(rule.beta, rule.kind == GuideKind::kBlend ? 2 : 1);
  }
}

TEST_F(WeightsFileTest, WithTheExponentialGuideHasTheFieldsThatItAlwaysHad) {
  EXPECT_THAT(ManifestToJson(manifest_), testing::Not(testing::HasSubstr("guide_")));
}

TEST_F(WeightsFileTest, KeepsHowClicksAreHeldAndRefusesWhatCannotBe) {
  EXPECT_THAT(ManifestToJson(manifest_), testing::Not(testing::HasSubstr("click_reach_mm")));
  manifest_.click_hold = {.reach_mm = 10, .contrast = 0.5, .confidence = 0.95};
  const std::string text = ManifestToJson(manifest_);
  EXPECT_EQ(ManifestFromJson(text, "w").click_hold, manifest_.click_hold);
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("click_size_share"))) << "as it always was";
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("click_negative_seen")));
  manifest_.click_hold.size_share = 0.5;
  manifest_.click_hold.negative_seen = false;
  EXPECT_EQ(ManifestFromJson(ManifestToJson(manifest_), "w").click_hold, manifest_.click_hold);
  manifest_.click_hold.confidence = 1;
  EXPECT_THROW((void)ManifestFromJson(ManifestToJson(manifest_), "w"), WeightsError);
}

TEST_F(WeightsFileTest, KeepsHowFarVolumesAreOffAndRefusesWhatCannotBe) {
  EXPECT_THAT(ManifestToJson(manifest_), testing::Not(testing::HasSubstr("interval"))) << "as it always was";
  manifest_.interval = {.variation = {.jitter_mm = 4, .drop = 0.5, .exchange = 0.1, .shift = 0.25, .flips = false},
                        .runs = 6,
                        .volume_bias = -0.05,
                        .edge_bias_mm = -0.5,
                        .volume = {.factor = 1.5, .floor = 0.1, .edge_mm = 0.25},
                        .change = {.factor = 1.25, .floor = 0.0625},
                        .least_slices = 4,
                        .slice_mm = 6,
                        .fitted_on = "30 phantoms"};
  EXPECT_EQ(ManifestFromJson(ManifestToJson(manifest_), "w").interval, manifest_.interval);
  const auto refusal = [&](const std::function<void(json&)>& edit) -> std::string {
    json object = json::parse(ManifestToJson(manifest_));
    edit(object.at("interval"));
    try {
      (void)ManifestFromJson(object.dump(), "w");
      return "";
    } catch (const WeightsError& error) {
      return error.what();
    }
  };
  EXPECT_EQ(refusal([](json&) {}), "");
  EXPECT_THAT(refusal([](json& i) { i.erase("change"); }), testing::HasSubstr("interval.change"));
  EXPECT_THAT(refusal([](json& i) { i["volume"]["floor"] = -1; }), testing::HasSubstr("interval.volume.floor"));
  EXPECT_THAT(refusal([](json& i) { i["volume"]["edge_mm"] = -1; }), testing::HasSubstr("interval.volume.edge_mm"));
  EXPECT_THAT(refusal([](json& i) { i["edge_bias_mm"] = 101; }), testing::HasSubstr("interval.edge_bias_mm"));
  EXPECT_THAT(refusal([](json& i) { i["volume"]["factor"] = "1"; }), testing::HasSubstr("interval.volume.factor"));
  EXPECT_THAT(refusal([](json& i) { i["change"]["bias"] = 0; }), testing::HasSubstr("interval.change.bias"));
  EXPECT_THAT(refusal([](json& i) { i["variation"]["drop"] = 1.5; }), testing::HasSubstr("interval.variation.drop"));
  EXPECT_THAT(refusal([](json& i) { i["volume_bias"] = nullptr; }), testing::HasSubstr("interval.volume_bias"));
  EXPECT_THAT(refusal([](json& i) { i["runs"] = 1; }), testing::HasSubstr("interval.runs"));
  EXPECT_THAT(refusal([](json& i) { i["least_slices"] = 0; }), testing::HasSubstr("interval.least_slices"));
  EXPECT_THAT(refusal([](json& i) { i["slice_mm"] = -1; }), testing::HasSubstr("interval.slice_mm"));
  EXPECT_THAT(refusal([](json& i) { i["volumes"] = {}; }), testing::HasSubstr("interval.volumes"));
  EXPECT_THAT(refusal([](json& i) { i = 5; }), testing::HasSubstr("interval"));
}

// Such a rule would call every volume exact.
TEST_F(WeightsFileTest, RefusesACalibrationThatKnowsOfNoError) {
  manifest_.interval = {.runs = 6, .volume = {.factor = 0, .floor = 0.1}, .change = {.factor = 1.25, .floor = 0}};
  EXPECT_EQ(ManifestFromJson(ManifestToJson(manifest_), "w").interval, manifest_.interval) << "one of the two may be 0";
  const auto refusal = [&](const char* rule, const json& factor, const json& floor) -> std::string {
    json object = json::parse(ManifestToJson(manifest_));
    object.at("interval")[rule] = {{"factor", factor}, {"floor", floor}};
    try {
      (void)ManifestFromJson(object.dump(), "w");
      return "";
    } catch (const WeightsError& error) {
      return error.what();
    }
  };
  for (const char* rule : {"volume", "change"}) {
    const std::string field = std::string("interval.") + rule;
    EXPECT_THAT(refusal(rule, 0, 0), testing::HasSubstr(field + ".factor")) << rule;
    EXPECT_THAT(refusal(rule, -1, 0.1), testing::HasSubstr(field + ".factor")) << rule;
    EXPECT_THAT(refusal(rule, 1, -0.1), testing::HasSubstr(field + ".floor")) << rule;
    EXPECT_THAT(refusal(rule, nullptr, 0.1), testing::HasSubstr(field + ".factor")) << "what is not finite is null";
  }
}

TEST_F(WeightsFileTest, TakesACalibrationOfEarlierVersions) {
  manifest_.interval = {.runs = 6, .volume = {.factor = 1}, .change = {.factor = 1}, .least_slices = 5};
  json object = json::parse(ManifestToJson(manifest_));
  for (const char* field : {"least_slices", "edge_bias_mm", "slice_mm"}) object.at("interval").erase(field);
  object.at("interval").at("volume").erase("edge_mm");
  EXPECT_EQ(ManifestFromJson(object.dump(), "w").interval->least_slices, 3);
}

TEST(CheckGuide, RefusesWeightsOfAnotherGuideAndNamesBoth) {
  ModelManifest manifest;
  EXPECT_NO_THROW(CheckGuide(manifest, "w.safetensors", "", true));
  EXPECT_NO_THROW(CheckGuide(manifest, "w.safetensors", "expdt", true));
  const auto refuses = [&](const char* asked, bool asks_sigma, const char* word, const char* other) {
    try {
      CheckGuide(manifest, "w.safetensors", asked, asks_sigma);
      ADD_FAILURE() << asked;
    } catch (const WeightsError& error) {
      EXPECT_EQ(error.code(), "WEIGHTS_GUIDE");
      EXPECT_THAT(error.what(), testing::AllOf(testing::HasSubstr("w.safetensors"), testing::HasSubstr(word),
                                               testing::HasSubstr(other)));
    }
  };
  refuses("geodesic", false, "'expdt'", "'geodesic'");
  refuses("songs", false, "'songs'", "euclidean-half");
  manifest.guide = "euclidean";
  refuses("", true, "'euclidean'", "sigma");
}

TEST_F(WeightsFileTest, MayBeStoredInHalfPrecision) {
  const DinsNetwork network = DinsNetwork::Initialised(1, DimVariant::kBoth, 4);
  SaveWeights(path_, network, manifest_, StoredAs::kFloat16);
  const LoadedWeights loaded = LoadWeights(path_);
  for (const auto& [name, tensor] : network.tensors()) {
    EXPECT_TRUE(loaded.network->tensors().at(name).allclose(tensor, 1e-3, 1e-4)) << name;
  }
}

TEST_F(WeightsFileTest, RefusesAMissingTensorByName) {
  const std::string bytes = ReadAll(path_);
  Edit([](json& header) {
    header["final/bias2"] = header["final/bias"];
    header.erase("final/bias");
  });
  ExpectRefusal("WEIGHTS_MISSING_TENSOR", "final/bias");
}

TEST_F(WeightsFileTest, RefusesAnotherShapeByName) {
  Edit([](json& header) { header["up4/up/kernel"]["shape"] = {8, 16, 2, 2, 2}; });
  ExpectRefusal("WEIGHTS_SHAPE", "up4/up/kernel");
}

TEST_F(WeightsFileTest, RefusesAnExtraTensorByName) {
  const std::string bytes = ReadAll(path_);
  const std::size_t data = DataBytes(bytes);
  folder_.Write("w.safetensors", bytes + std::string(4, '\0'));
  Edit([&](json& header) {
    header["surplus"] = {{"dtype", "F32"}, {"shape", {1}}, {"data_offsets", {data, data + 4}}};
  });
  // Edit kept the data by its length, which now holds the four bytes more.
  ExpectRefusal("WEIGHTS_EXTRA_TENSOR", "surplus");
}

TEST_F(WeightsFileTest, RefusesAValueThatIsNotFinite) {
  std::string bytes = ReadAll(path_);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::memcpy(bytes.data() + bytes.size() - 4, &nan, 4);
  folder_.Write("w.safetensors", bytes);
  ExpectRefusal("WEIGHTS_NOT_FINITE", "up");
}

TEST_F(WeightsFileTest, RefusesOffsetsThatLeaveTheFileOverlapOrGap) {
  Edit([](json& header) { header["final/bias"]["data_offsets"][1] = 1U << 30; });
  ExpectRefusal("WEIGHTS_FILE", "final/bias");
  SetUp();
  SaveWeights(path_, DinsNetwork::Initialised(1, DimVariant::kBoth, 3), manifest_, StoredAs::kFloat32);
  Edit([](json& header) { header["final/bias"]["data_offsets"] = header["up1/norm1/beta"]["data_offsets"]; });
  EXPECT_THROW((void)LoadWeights(path_), WeightsError);
}

TEST_F(WeightsFileTest, RefusesAnElementTypeItDoesNotKnow) {
  Edit([](json& header) { header["final/bias"]["dtype"] = "I64"; });
  ExpectRefusal("WEIGHTS_TYPE", "final/bias");
}

TEST_F(WeightsFileTest, RefusesEveryTruncationWithoutCrashing) {
  const std::string bytes = ReadAll(path_);
  for (std::size_t length = 0; length < bytes.size(); length += 97) {
    folder_.Write("w.safetensors", bytes.substr(0, length));
    EXPECT_THROW((void)LoadWeights(path_), WeightsError) << length;
  }
}

TEST_F(WeightsFileTest, RefusesAManifestFieldByName) {
  const auto edit_manifest = [&](const std::function<void(json&)>& edit) {
    SaveWeights(path_, DinsNetwork::Initialised(1, DimVariant::kBoth, 3), manifest_, StoredAs::kFloat32);
    Edit([&](json& header) {
      json manifest = json::parse(header["__metadata__"]["dinsd_manifest"].get<std::string>());
      edit(manifest);
      header["__metadata__"]["dinsd_manifest"] = manifest.dump();
    });
  };
  edit_manifest([](json& m) { m.erase("sigma"); });
  ExpectRefusal("WEIGHTS_MANIFEST", "sigma");
  edit_manifest([](json& m) { m["colour"] = "blue"; });
  ExpectRefusal("WEIGHTS_MANIFEST", "colour");
  edit_manifest([](json& m) { m["guide_scale"] = 2; });  // ExpDT has none
  ExpectRefusal("WEIGHTS_MANIFEST", "guide_scale");
  edit_manifest([](json& m) { m["guide"] = "euclidean"; });  // which needs one
  ExpectRefusal("WEIGHTS_MANIFEST", "guide_scale");
  edit_manifest([](json& m) {
    m.update({{"guide", "blend"}, {"guide_scale", 1}, {"guide_alpha", 0}, {"guide_beta", 0}});
  });
  ExpectRefusal("WEIGHTS_MANIFEST", "guide_alpha");
  edit_manifest([](json& m) { m["dim"] = "level-6"; });
  ExpectRefusal("WEIGHTS_MANIFEST", "dim");
  edit_manifest([](json& m) { m["guide"] = "songs"; });
  ExpectRefusal("WEIGHTS_MANIFEST", "guide");
  edit_manifest([](json& m) { m["width"] = "wide"; });
  ExpectRefusal("WEIGHTS_MANIFEST", "width");
  edit_manifest([](json& m) { m["width"] = 1000; });
  ExpectRefusal("WEIGHTS_MANIFEST", "width");
  edit_manifest([](json& m) { m["sigma"] = {0, 5, 5}; });
  ExpectRefusal("WEIGHTS_MANIFEST", "sigma");
  edit_manifest([](json& m) { m["training_crop"] = {24, 80, 0}; });
  ExpectRefusal("WEIGHTS_MANIFEST", "training_crop");
}

TEST(TensorFlowCheckpoint, MaskedCrcIsThatOfTheStandardTestVector) {
  // RFC 3720 B.4: 32 bytes of zero have CRC-32C 8a9136aa; masking rotates by 15 and adds a constant.
  const std::uint32_t crc = 0x8A9136AAU;
  EXPECT_EQ(MaskedCrc32c(std::string(32, '\0')), ((crc >> 15) | (crc << 17)) + 0xA282EAD8U);
}

TEST(TensorFlowCheckpoint, RefusesAFlippedByteByTheTensorsName) {
  DINSD_REQUIRE_DATA("dins_reference/layouts_w1");
  const auto source = *TestData() / "dins_reference/layouts_w1/bestckpt";
  const TempFolder folder;
  for (const char* name : {"bestckpt.index", "bestckpt.data-00000-of-00001"})
    folder.Write(name, ReadAll(source / name));
  EXPECT_EQ(ReadTensorFlowCheckpoint(folder.path() / "bestckpt").tensors.size(), 62U);
  const auto index = ReadBundleIndex(folder.path() / "bestckpt.index");
  const BundleEntry& entry = index.at("up2/norm1/gamma/.ATTRIBUTES/VARIABLE_VALUE");
  std::string data = ReadAll(source / "bestckpt.data-00000-of-00001");
  data[static_cast<std::size_t>(entry.offset)] ^= 1;
  folder.Write("bestckpt.data-00000-of-00001", data);
  EXPECT_THAT([&] { (void)ReadTensorFlowCheckpoint(folder.path() / "bestckpt"); },
              testing::ThrowsMessage<WeightsError>(
                  testing::AllOf(testing::HasSubstr("CHECKPOINT_CRC"), testing::HasSubstr("up2/norm1/gamma"))));
}

// Optimizer state and bookkeeping, a string among them, are not used, and still vouch for the file.
TEST(TensorFlowCheckpoint, RefusesAFlippedByteInWhatItLeavesOut) {
  DINSD_REQUIRE_DATA("dins_reference/checkpoint_w1_optimizer");
  const auto source = *TestData() / "dins_reference/checkpoint_w1_optimizer/bestckpt";
  const TempFolder folder;
  folder.Write("bestckpt.index", ReadAll(source / "bestckpt.index"));
  const std::string data = ReadAll(source / "bestckpt.data-00000-of-00001");
  folder.Write("bestckpt.data-00000-of-00001", data);
  const ImportedCheckpoint whole = ReadTensorFlowCheckpoint(folder.path() / "bestckpt");
  ASSERT_GT(whole.skipped.size(), 100U);
  const auto index = ReadBundleIndex(folder.path() / "bestckpt.index");
  for (std::size_t k = 0; k < whole.skipped.size(); k += 20) {
    const BundleEntry& entry = index.at(whole.skipped[k]);
    std::string damaged = data;
    damaged[static_cast<std::size_t>(entry.offset + entry.size / 2)] ^= 4;
    folder.Write("bestckpt.data-00000-of-00001", damaged);
    EXPECT_THAT([&] { (void)ReadTensorFlowCheckpoint(folder.path() / "bestckpt"); },
                testing::ThrowsMessage<WeightsError>(testing::HasSubstr("CHECKPOINT_CRC")))
        << whole.skipped[k];
  }
}

TEST(TensorFlowCheckpoint, RefusesEveryTruncationOfItsIndex) {
  DINSD_REQUIRE_DATA("dins_reference/layouts_w1");
  const auto source = *TestData() / "dins_reference/layouts_w1/bestckpt";
  const TempFolder folder;
  folder.Write("c.data-00000-of-00001", ReadAll(source / "bestckpt.data-00000-of-00001"));
  const std::string index = ReadAll(source / "bestckpt.index");
  for (std::size_t length = 0; length < index.size(); length += 61) {
    folder.Write("c.index", index.substr(0, length));
    EXPECT_THROW((void)ReadTensorFlowCheckpoint(folder.path() / "c"), WeightsError) << length;
  }
}

TEST(TensorFlowCheckpoint, NamesAFileThatIsNotThere) {
  EXPECT_THROW((void)ReadTensorFlowCheckpoint("/nonexistent/checkpoint"), WeightsError);
}

TEST(BundleEntry, RefusesBytesThatAreNoMessage) {
  EXPECT_THROW((void)ParseBundleEntry(std::string("\x12\x7f", 2)), std::runtime_error);
  EXPECT_THROW((void)ParseBundleEntry(std::string(11, '\xff')), std::runtime_error);
}

}  // namespace
}  // namespace dinsd
