#include "pipeline/prompt/prompts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <ostream>

#include "tests/folders.h"
#include "tests/pipeline/prompt/prompts_document.h"
#include "tests/random.h"

namespace dinsd {
namespace {

using nlohmann::json;

TEST(Prompts, AreReadAsWritten) {
  const Prompts prompts = Parse(GoodPrompts());
  EXPECT_EQ(prompts.image.series_uid, "1.2.3.4");
  EXPECT_EQ(prompts.space, PromptSpace::kLpsMm);
  ASSERT_EQ(prompts.lesions.size(), 2U);
  const PromptLesion& first = prompts.lesions[0];
  EXPECT_EQ(first.site->meaning, "Thigh");
  EXPECT_EQ(first.laterality, "L");
  EXPECT_THAT(first.clicks[1].p, testing::ElementsAre(25, -12, 60.2));
  EXPECT_EQ(first.clicks[1].sign, Polarity::kNegative);
  EXPECT_EQ(first.clicks[1].order, 1);
  EXPECT_EQ(prompts.lesions[1].clicks[0].status, ClickStatus::kProposed);
  EXPECT_EQ(prompts.lesions[1].prior->segment_number, 4);
  EXPECT_EQ(prompts.background.size(), 1U);
  EXPECT_EQ(prompts.provenance.tool_version, "1");
}

// The example in the README: the indented lines from its schema on.
std::string ReadmeExample() {
  std::ifstream in(std::string(kSourceFolder) + "/README.md");
  std::string example;
  for (std::string line; std::getline(in, line);) {
    const bool begins = line.starts_with(R"(    {"schema": "dinsd-prompts/1")");
    if (!begins && (example.empty() || !line.starts_with("    "))) {
      if (!example.empty()) return example;
      continue;
    }
    example.append(line).push_back('\n');
  }
  return example;
}

TEST(Prompts, OfTheReadmeAreGoodAndOfAPerson) {
  constexpr std::string_view kBlank = "<digest of the image file>";
  std::string example = ReadmeExample();
  const std::size_t at = example.find(kBlank);
  ASSERT_NE(at, std::string::npos) << example;
  example.replace(at, kBlank.size(), std::string(64, 'a'));
  const Prompts prompts = ParseText(example, *ParseDateTime("2026-12-01T00:00:00Z") / 1'000'000);
  ASSERT_EQ(prompts.lesions.size(), 1U);
  ASSERT_EQ(prompts.lesions[0].clicks.size(), 2U);
  for (const PromptClick& click : prompts.lesions[0].clicks) {
    EXPECT_EQ(StatusOf(click, prompts.provenance), ClickStatus::kVerified) << "so no flag proposed_click";
  }
}

TEST(Prompts, ComeBackFromTheirOwnJson) {
  EXPECT_EQ(PromptsToJson(Parse(GoodPrompts())), GoodPrompts());
  const json everything = json::parse(R"({
    "schema": "dinsd-prompts/1",
    "image": {"studyInstanceUID": "1.2", "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
              "stackID": "1",
              "grid": {"size": [2, 3, 4], "spacing": [1, 1.5, 8], "origin": [-1, 0, 2.5], "direction": [1, 0, 0, 0, 1, 0, 0, 0, 1]}},
    "space": "voxel-ijk", "sigma": {"unit": "mm", "zyx": [8, 7.5, 7.5]},
    "lesions": [{"id": "a", "trackingUID": "2.25.1", "box": {"min": [0, 0, 0], "max": [2, 2.5, 3], "clickBudget": 7},
                 "sigma": {"unit": "network-voxel", "zyx": [1, 5, 5]}, "prior": {"sopInstanceUID": "1.2.3", "roiNumber": -1}}],
    "provenance": {"source": "simulated", "created": "2024-11-01T09:30:00.25+01:00", "operator": "p1", "importedFrom": "x",
                   "rngSeed": -5}})");
  EXPECT_EQ(PromptsToJson(Parse(everything)), everything);
}

TEST(Prompts, MaySayThatThereIsNoTumour) {
  json none = GoodPrompts();
  none["lesions"] = json::array();
  EXPECT_TRUE(Parse(none).lesions.empty());
}

TEST(Prompts, TakeIntegersThatAreWrittenAsDecimals) {
  json document = GoodPrompts();
  document["lesions"][0]["clicks"][0]["order"] = 7.0;
  EXPECT_EQ(Parse(document).lesions[0].clicks[0].order, 7);
}

TEST(Prompts, WithoutStatusAreVerifiedOnlyByPeopleAndImports) {
  const PromptClick unset, rejected{.status = ClickStatus::kRejected};
  for (const auto& [source, expected] : {std::pair{"human", ClickStatus::kVerified},
                                         {"imported", ClickStatus::kVerified},
                                         {"simulated", ClickStatus::kProposed},
                                         {"propagated", ClickStatus::kProposed}}) {
    EXPECT_EQ(StatusOf(unset, {.source = source}), expected) << source;
    EXPECT_EQ(StatusOf(rejected, {.source = source}), ClickStatus::kRejected);
  }
}

// A sidecar that must be refused: how to spoil the good one, and the JSON pointer that must be named.
struct BadPrompts {
  const char* code;
  const char* name;
  const char* pointer;
  std::function<void(json&)> spoil;
};

void PrintTo(const BadPrompts& bad, std::ostream* out) {
  *out << bad.name;
}

class RefusedPrompts : public testing::TestWithParam<BadPrompts> {};

TEST_P(RefusedPrompts, AreNamed) {
  json document = GoodPrompts();
  GetParam().spoil(document);
  try {
    (void)Parse(document);
    FAIL() << "was read";
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), GetParam().code);
    EXPECT_EQ(error.field(), GetParam().pointer);
    EXPECT_EQ(error.file(), "a.prompts.json");
    EXPECT_EQ(error.verdict(), InputVerdict::kNeedsPrompts);
  }
}

json& FirstClick(json& document) {
  return document["lesions"][0]["clicks"][0];
}

INSTANTIATE_TEST_SUITE_P(
    Prompts, RefusedPrompts,
    testing::Values(
        BadPrompts{"PROMPT_SCHEMA", "AnotherVersion", "/schema", [](json& d) { d["schema"] = "dinsd-prompts/2"; }},
        BadPrompts{"PROMPT_SCHEMA", "NoLesions", "", [](json& d) { d.erase("lesions"); }},
        BadPrompts{"PROMPT_SCHEMA", "NoProvenance", "", [](json& d) { d.erase("provenance"); }},
        BadPrompts{"PROMPT_SCHEMA", "UnknownField", "/patientName", [](json& d) { d["patientName"] = "x"; }},
        BadPrompts{"PROMPT_SCHEMA", "UnknownFieldOfAClick", "/lesions/0/clicks/0/radius",
                   [](json& d) { FirstClick(d)["radius"] = 3; }},
        BadPrompts{"PROMPT_SCHEMA", "ImageWithoutName", "/image",
                   [](json& d) { d["image"].erase("seriesInstanceUID"); }},
        BadPrompts{"PROMPT_SCHEMA", "UidWithLetters", "/image/seriesInstanceUID",
                   [](json& d) { d["image"]["seriesInstanceUID"] = "1.2.x"; }},
        BadPrompts{"PROMPT_SCHEMA", "UidWithZeroByte", "/image/seriesInstanceUID",
                   [](json& d) { d["image"]["seriesInstanceUID"] = std::string("1.2\0.3", 6); }},
        BadPrompts{"PROMPT_SCHEMA", "UidTooLong", "/image/seriesInstanceUID",
                   [](json& d) { d["image"]["seriesInstanceUID"] = std::string(65, '1'); }},
        BadPrompts{"PROMPT_SCHEMA", "DigestInUpperCase", "/image/sha256",
                   [](json& d) { d["image"]["sha256"] = std::string(64, 'A'); }},
        BadPrompts{"PROMPT_SCHEMA", "UnknownSpace", "/space", [](json& d) { d["space"] = "LPS"; }},
        BadPrompts{"PROMPT_SCHEMA", "VoxelsWithoutGrid", "/image", [](json& d) { d["space"] = "voxel-ijk"; }},
        BadPrompts{"PROMPT_SCHEMA", "LesionWithoutAnything", "/lesions/0",
                   [](json& d) { d["lesions"][0].erase("clicks"); }},
        BadPrompts{"PROMPT_SCHEMA", "NoClicks", "/lesions/0/clicks",
                   [](json& d) { d["lesions"][0]["clicks"] = json::array(); }},
        BadPrompts{"PROMPT_SCHEMA", "PointInTwoDimensions", "/lesions/0/clicks/0/p",
                   [](json& d) {
                     FirstClick(d)["p"] = {1, 2};
                   }},
        BadPrompts{"PROMPT_SCHEMA", "PointOfStrings", "/lesions/0/clicks/0/p/1",
                   [](json& d) {
                     FirstClick(d)["p"] = {1, "2", 3};
                   }},
        BadPrompts{"PROMPT_SCHEMA", "NullCoordinate", "/lesions/0/clicks/0/p/2",
                   [](json& d) { FirstClick(d)["p"][2] = nullptr; }},
        BadPrompts{"PROMPT_SCHEMA", "UnknownSign", "/lesions/0/clicks/0/sign",
                   [](json& d) { FirstClick(d)["sign"] = "?"; }},
        BadPrompts{"PROMPT_SCHEMA", "NegativeOrder", "/lesions/0/clicks/0/order",
                   [](json& d) { FirstClick(d)["order"] = -1; }},
        BadPrompts{"PROMPT_SCHEMA", "BrokenOrder", "/lesions/0/clicks/0/order",
                   [](json& d) { FirstClick(d)["order"] = 1.5; }},
        BadPrompts{"PROMPT_SCHEMA", "HugeOrder", "/lesions/0/clicks/0/order",
                   [](json& d) { FirstClick(d)["order"] = 1e18; }},
        BadPrompts{"PROMPT_SCHEMA", "TooSure", "/lesions/0/clicks/0/confidence",
                   [](json& d) { FirstClick(d)["confidence"] = 1.01; }},
        BadPrompts{"PROMPT_SCHEMA", "EmptyId", "/lesions/1/id", [](json& d) { d["lesions"][1]["id"] = ""; }},
        BadPrompts{"PROMPT_SCHEMA", "LongId", "/lesions/1/id",
                   [](json& d) { d["lesions"][1]["id"] = std::string(65, 'x'); }},
        BadPrompts{"PROMPT_SCHEMA", "SigmaOfZero", "/sigma/zyx/0",
                   [](json& d) {
                     d["sigma"] = json{{"unit", "mm"}, {"zyx", {0, 5, 5}}};
                   }},
        BadPrompts{"PROMPT_SCHEMA", "NoDateTime", "/provenance/created",
                   [](json& d) { d["provenance"]["created"] = "2024-11-01"; }},
        BadPrompts{"PROMPT_SCHEMA", "NoSuchDay", "/provenance/created",
                   [](json& d) { d["provenance"]["created"] = "2026-02-29T09:30:00Z"; }},
        BadPrompts{"PROMPT_SIGN_CONFLICT", "PositiveBackground", "/background/0/sign",
                   [](json& d) { d["background"][0]["sign"] = "+"; }},
        BadPrompts{"PROMPT_SIGN_CONFLICT", "SecondBackgroundClick", "/background/1/sign",
                   [](json& d) {
                     d["background"].push_back({{"p", {1, 2, 3}}, {"sign", "+"}});
                   }},
        BadPrompts{"PROMPT_NO_POSITIVE", "OnlyNegative", "/lesions/0/clicks",
                   [](json& d) { FirstClick(d)["sign"] = "-"; }},
        BadPrompts{"PROMPT_NO_POSITIVE", "PositiveIsRejected", "/lesions/0/clicks",
                   [](json& d) { FirstClick(d)["status"] = "rejected"; }},
        BadPrompts{"PROMPT_PRIOR_NEGATIVE", "NegativePropagated", "/lesions/0/clicks/1/sign",
                   [](json& d) { d["provenance"]["source"] = "propagated"; }},
        BadPrompts{"PROMPT_PRIOR_NEGATIVE", "PropagatedBackground", "/background/0/sign",
                   [](json& d) {
                     d["lesions"].erase(0);
                     d["provenance"]["source"] = "propagated";
                   }},
        BadPrompts{"PROMPT_PRIOR_NEGATIVE", "ProposedOnAPrior", "/lesions/1/clicks/0/sign",
                   [](json& d) { d["lesions"][1]["clicks"][0]["sign"] = "-"; }},
        BadPrompts{"PROMPT_DUPLICATE_LESION", "Id", "/lesions/1/id", [](json& d) { d["lesions"][1]["id"] = "L1"; }},
        BadPrompts{"PROMPT_DUPLICATE_LESION", "IdThatLooksTheSame", "/lesions/1/id",
                   [](json& d) { d["lesions"][1]["id"] = " L1\u200B"; }},
        BadPrompts{"PROMPT_SCHEMA", "BlankId", "/lesions/1/id", [](json& d) { d["lesions"][1]["id"] = " \u3000"; }},
        BadPrompts{"PROMPT_DUPLICATE_LESION", "TrackingUid", "/lesions/1/trackingUID",
                   [](json& d) { d["lesions"][0]["trackingUID"] = d["lesions"][1]["trackingUID"] = "2.25.7"; }}),
    [](const auto& info) { return std::string(info.param.code) + "_" + info.param.name; });

// Texts that no JSON library would write.
struct BadText {
  const char* code;
  const char* name;
  std::string from, to;  // replaced once in the good document's text
};

void PrintTo(const BadText& bad, std::ostream* out) {
  *out << bad.name;
}

class RefusedText : public testing::TestWithParam<BadText> {};

TEST_P(RefusedText, IsNamed) {
  std::string text = GoodPrompts().dump();
  const std::size_t at = text.find(GetParam().from);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, GetParam().from.size(), GetParam().to);
  EXPECT_THAT([&] { (void)ParseText(text); },
              testing::Throws<InputError>(testing::Property(&InputError::code, GetParam().code)));
}

INSTANTIATE_TEST_SUITE_P(
    Prompts, RefusedText,
    testing::Values(BadText{"PROMPT_NOT_FINITE", "NaN", "11.5", "NaN"},
                    BadText{"PROMPT_NOT_FINITE", "LowerCaseNan", "11.5", "nan"},
                    BadText{"PROMPT_NOT_FINITE", "Infinity", "11.5", "Infinity"},
                    BadText{"PROMPT_NOT_FINITE", "MinusInfinity", "11.5", "-Infinity"},
                    BadText{"PROMPT_NOT_FINITE", "BeyondDouble", "11.5", "1e999"},
                    BadText{"PROMPT_NOT_FINITE", "BelowDouble", "11.5", "-1e999"},
                    BadText{"PROMPT_SCHEMA", "AnotherWord", "11.5", "None"},
                    BadText{"PROMPT_SCHEMA", "KeyTwice", R"("space":)", R"("space":"RAS-mm","space":)"},
                    BadText{"PROMPT_SCHEMA", "KeyTwiceInAClick", R"("order":0)", R"("order":0,"order":0)"},
                    BadText{"PROMPT_SCHEMA", "NoUtf8", "viewer", "view\xFF"},
                    BadText{"PROMPT_SCHEMA", "Latin1", "Thigh", "Oberschenkel m\xE4nnlich"},
                    BadText{"PROMPT_SCHEMA", "TrailingComma", "11.5,", "11.5,,"},
                    BadText{"PROMPT_SCHEMA", "Nested", "11.5", std::string(100, '[') + std::string(100, ']')},
                    BadText{"PROMPT_SCHEMA", "NestedVeryDeeply", "11.5", std::string(1'000'000, '[')}),
    [](const auto& info) { return std::string(info.param.code) + "_" + info.param.name; });

TEST(Prompts, SayWhereANumberIsNoneOrAKeyComesTwice) {
  const auto pointer = [](const std::string& from, const std::string& to) {
    std::string text = GoodPrompts().dump();
    text.replace(text.find(from), from.size(), to);
    try {
      (void)ParseText(text);
    } catch (const InputError& error) {
      return error.field();
    }
    return std::string("was read");
  };
  EXPECT_EQ(pointer("11.5", "NaN"), "/lesions/0/clicks/0/p/0");
  EXPECT_EQ(pointer("60.2]", "-Infinity]"), "/lesions/0/clicks/0/p/2");
  EXPECT_EQ(pointer("25.0", "1e999"), "/lesions/0/clicks/1/p/0");
  EXPECT_EQ(pointer("0.7", "nan"), "/lesions/1/clicks/0/confidence");
  EXPECT_EQ(pointer(R"("space":)", R"("space":"RAS-mm","space":)"), "/space");
  EXPECT_EQ(pointer(R"("order":0)", R"("order":0,"order":0)"), "/lesions/0/clicks/0/order");
  EXPECT_EQ(pointer(R"("space":)", R"("a/b~\n":[],"a/b~\n":[],"space":)"), R"(/a~1b~0\n)") << "no control characters";
}

TEST(Prompts, EndWithTheirFileAndNotAtAZeroByte) {
  const std::string garbage = GoodPrompts().dump() + std::string("\0 no JSON", 9);
  EXPECT_THAT([&] { (void)ParseText(garbage); }, testing::ThrowsMessage<InputError>(testing::HasSubstr("is zero")));
}

TEST(Prompts, AreNoTextAndNoLargeFile) {
  for (const std::string& text : {std::string(), std::string("{"), std::string("[]"), std::string("null")}) {
    EXPECT_THAT([&] { (void)ParseText(text); },
                testing::Throws<InputError>(testing::Property(&InputError::code, "PROMPT_SCHEMA")))
        << text;
  }
  const std::string padded = GoodPrompts().dump() + std::string(16 << 20, ' ');
  EXPECT_THAT([&] { (void)ParseText(padded); },
              testing::Throws<InputError>(testing::Property(&InputError::code, "PROMPT_SCHEMA")));
}

TEST(Prompts, NameTheValueInOneLineOfAscii) {
  json document = GoodPrompts();
  FirstClick(document)["sign"] = "plus\n\x1b[31m\xC3\xA4";
  try {
    (void)Parse(document);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(),
                 "PROMPT_SCHEMA: a.prompts.json [/lesions/0/clicks/0/sign]: is "
                 R"("plus\n\u001b[31m\u00e4", one of "+", "-" expected)");
  }
}

TEST(Prompts, AreMadeNeitherBefore1900NorInTheFuture) {
  const std::int64_t now = *ParseDateTime("2024-11-01T22:00:00Z") / 1'000'000;
  const auto fault_of = [&](const std::string& created) -> std::string {
    json document = GoodPrompts();
    document["provenance"]["created"] = created;
    try {
      (void)ParseText(document.dump(), now);
    } catch (const InputError& error) {
      EXPECT_EQ(error.code(), "PROMPT_SCHEMA");
      EXPECT_EQ(error.field(), "/provenance/created");
      EXPECT_EQ(error.verdict(), InputVerdict::kNeedsPrompts);
      return error.sentence();
    }
    return "";
  };
  for (const char* good : {"1900-01-01T00:00:00Z", "2024-11-01T23:00:00Z", "2024-11-02T23:59:59.9Z"})
    EXPECT_EQ(fault_of(good), "");
  EXPECT_EQ(fault_of("2024-11-03T00:00:00Z"), R"(lies in the future: today is 2024-11-01, is "2024-11-03T00:00:00Z")");
  EXPECT_THAT(fault_of("2999-01-01T00:00:00Z"), testing::StartsWith("lies in the future"));
  EXPECT_THAT(fault_of("1899-12-31T23:59:59.5Z"), testing::StartsWith("lies before 1900-01-01"));
  EXPECT_THAT(fault_of("1800-01-01T00:00:00Z"), testing::StartsWith("lies before 1900-01-01"));
}

TEST(Prompts, NeverCrashOnAPrefixOrAFlippedBit) {
  TestRandom random(5);
  const std::string good = GoodPrompts().dump();
  const auto try_to_read = [](const std::string& text) {
    try {
      (void)ParseText(text);
    } catch (const InputError&) {
    }
  };
  for (std::size_t length = 0; length < good.size(); ++length) try_to_read(good.substr(0, length));
  for (int round = 0; round < 3000; ++round) {
    std::string spoiled = good;
    for (int n = 0; n < 3; ++n) {
      char& c = spoiled[static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(spoiled.size())))];
      c = static_cast<char>(c ^ (1 << random.Below(8)));
    }
    try_to_read(spoiled);
  }
}

}  // namespace
}  // namespace dinsd
