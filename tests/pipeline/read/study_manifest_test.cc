#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <span>

#include "tests/pipeline/read/study_files.h"

namespace dinsd {
namespace {

using nlohmann::json;

TEST(Study, TakesItsIdentityFromStudyJson) {
  const TempFolder folder;
  folder.Write("a.nii", kImage);
  folder.Write("mask.nii", kOther);
  folder.Write("study.json", Manifest("a.nii", kImage).dump());
  const InspectedStudy study = Inspect(folder);
  EXPECT_TRUE(study.has_manifest);
  EXPECT_EQ(study.identity.patient, "P-17");
  EXPECT_EQ(study.identity.study_date, "2024-03-02");
  EXPECT_EQ(study.identity.weight_kg, 71.5);
  const StudyImage& image = ChosenImage(study);
  EXPECT_EQ(image.sequence, "stir");
  EXPECT_EQ(image.series_uid, "1.2.3");
  EXPECT_EQ(image.frame_of_reference_uid, "1.2.4");
  EXPECT_THAT(study.other_files, testing::ElementsAre("mask.nii")) << "what is not listed is not the study's";
  EXPECT_EQ(study.digests.size(), 2U);
}

TEST(Study, IsIncompleteUntilEveryListedFileIsThere) {
  const TempFolder folder;
  folder.Write("study.json", Manifest("a.nii", kImage).dump());
  EXPECT_EQ(InspectError(folder), "MANIFEST_INCOMPLETE") << "absent";
  folder.Write("a.nii", kBroken);
  EXPECT_EQ(InspectError(folder), "MANIFEST_INCOMPLETE") << "shorter";
  folder.Write("a.nii", kOther);
  EXPECT_EQ(InspectError(folder), "MANIFEST_INCOMPLETE") << "another digest";
  folder.Write("a.nii", kImage);
  EXPECT_EQ(InspectError(folder), "");
}

TEST(Study, SaysWhereAnImageIsMissingThatStudyJsonLeavesFilesOut) {
  const TempFolder folder;
  folder.Write("a.nii", kImage);
  folder.Write("b.nii", kOther);
  folder.Write("c.dcm", "x");
  folder.Write("study.json", Manifest("a.nii", kImage).dump());
  EXPECT_EQ(Inspect(folder).unlisted_files, 2U);
  const auto missed = testing::ThrowsMessage<InputError>(testing::AllOf(
      testing::StartsWith("SERIES_NOT_FOUND"), testing::HasSubstr("; study.json does not list 2 files of the study")));
  EXPECT_THAT([&] { (void)ChosenImage(Inspect(folder, DigestOf(kOther))); }, missed);
  folder.Write("notes.txt", "hello");
  folder.Write("study.json", Manifest("notes.txt", "hello").dump());
  EXPECT_EQ(Inspect(folder).unlisted_files, 3U);
  EXPECT_EQ(UnlistedInWords(InspectedStudy{}), "");
}

TEST(Study, HoldsFilesThatAreNoImagesToTheirDigest) {
  const TempFolder folder;
  json manifest = Manifest("a.nii", kImage);
  manifest["files"].push_back({{"name", "notes.txt"}, {"size", 5}, {"sha256", DigestOf("hello")}});
  folder.Write("study.json", manifest.dump());
  folder.Write("a.nii", kImage);
  EXPECT_EQ(InspectError(folder), "MANIFEST_INCOMPLETE");
  folder.Write("notes.txt", "hello");
  EXPECT_EQ(InspectError(folder), "");
}

TEST(Study, RefusesAStudyJsonThatItCannotRead) {
  const std::vector<std::pair<const char*, std::function<void(json&)>>> spoils = {
      {"version", [](json& m) { m["schema"] = "dinsd-study/2"; }},
      {"no patient", [](json& m) { m.erase("patient"); }},
      {"no such day", [](json& m) { m["studyDate"] = "2026-02-30"; }},
      {"another form of date", [](json& m) { m["studyDate"] = "20260302"; }},
      {"unknown field", [](json& m) { m["patientName"] = "x"; }},
      {"weight", [](json& m) { m["weightKg"] = -1; }},
      {"digest", [](json& m) { m["files"][0]["sha256"] = "abc"; }},
      {"file twice", [](json& m) { m["files"].push_back(m["files"][0]); }}};
  for (const auto& [name, spoil] : spoils) {
    const TempFolder folder;
    json manifest = Manifest("a.nii", kImage);
    spoil(manifest);
    folder.Write("a.nii", kImage);
    folder.Write("study.json", manifest.dump());
    EXPECT_EQ(InspectError(folder), "MANIFEST_SCHEMA") << name;
  }
  const TempFolder folder;
  folder.Write("study.json", "{");
  EXPECT_EQ(InspectError(folder), "MANIFEST_SCHEMA");
}

TEST(Study, NeverRepeatsWhatStudyJsonSaysOfThePatient) {
  const TempFolder folder;
  json manifest = Manifest("a.nii", kImage);
  manifest["studyDate"] = "the 2nd of March";
  folder.Write("study.json", manifest.dump());
  try {
    (void)Inspect(folder);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("March")));
    EXPECT_EQ(error.field(), "/studyDate");
  }
}

TEST(Study, WasMadeNeitherBefore1900NorInTheFuture) {
  const std::int64_t now = *ParseDateTime("2024-03-01T12:00:00Z") / 1'000'000;
  const auto fault_of = [&](const std::string& date) -> std::string {
    const TempFolder folder;
    json manifest = Manifest("a.nii", kImage);
    manifest["studyDate"] = date;
    folder.Write("a.nii", kImage);
    folder.Write("study.json", manifest.dump());
    try {
      (void)InspectStudy(folder.path(), "study", ListStudyFiles(folder.path()), {}, now);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  for (const char* good : {"1900-01-01", "2024-03-01", "2024-03-02"}) EXPECT_EQ(fault_of(good), "");
  for (const char* future : {"2024-03-03", "2999-01-01"})
    EXPECT_EQ(fault_of(future), "MANIFEST_SCHEMA: study.json [/studyDate]: lies in the future: today is 2024-03-01");
  for (const char* old : {"0001-01-01", "1800-01-01", "1899-12-31"})
    EXPECT_EQ(fault_of(old), "MANIFEST_SCHEMA: study.json [/studyDate]: lies before 1900-01-01");
}

std::string Utf8(std::uint32_t c) {
  if (c < 0x800) return {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
  const std::string tail = {static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
  if (c < 0x10000) return static_cast<char>(0xE0 | c >> 12) + tail;
  return std::string{static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 0x3F))} + tail;
}

TEST(Study, IsOfAPatientWhoseNameCanBeSeen) {
  const auto fault_of = [](const std::string& patient) -> std::string {
    const TempFolder folder;
    json manifest = Manifest("a.nii", kImage);
    manifest["patient"] = patient;
    folder.Write("a.nii", kImage);
    folder.Write("study.json", manifest.dump());
    try {
      EXPECT_EQ(Inspect(folder).identity.patient, patient);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  for (const char* good : {"P 17", "P\xC3\xA4ul", "\xE5\xB1\xB1", "\xF0\x9F\x92\xA1"})
    EXPECT_EQ(fault_of(good), "") << good;
  for (const char* blank : {" ", "     ", "\u00A0", "\u200B", " \u3000 ", "\u00AD\u2060\uFEFF"})
    EXPECT_EQ(fault_of(blank), "MANIFEST_SCHEMA: study.json [/patient]: is blank");
  for (const std::string& control : {std::string("P\n17"), std::string("\n"), std::string("\t"), std::string("P\0", 2),
                                     std::string("P\x7F"), std::string("P\u0085")})
    EXPECT_EQ(fault_of(control), "MANIFEST_SCHEMA: study.json [/patient]: holds a control character");
  for (const char* hidden : {"00A0", "00AD", "061C", "180E", "2007", "200B", "200F", "2028", "202A", "202E",
                             "202F", "2060", "2064", "2066", "2069", "3000", "3164", "FE0F", "FEFF", "E0041"}) {
    const std::string patient = "P-1" + Utf8(static_cast<std::uint32_t>(std::stoul(hidden, nullptr, 16))) + "7";
    EXPECT_EQ(
        fault_of(patient),
        std::string("MANIFEST_SCHEMA: study.json [/patient]: holds a character that cannot be seen or told from a "
                    "blank, U+") +
            hidden);
  }
}

TEST(Study, IsRefusedWhereItsPatientIsNoText) {
  for (const char* bad : {"P\xFF", "P\xC3", "\xED\xA0\x80", "\xC0\xA0", "\\ud800"}) {
    const TempFolder folder;
    std::string text = Manifest("a.nii", kImage).dump();
    text.replace(text.find("P-17"), 4, bad);
    folder.Write("a.nii", kImage);
    folder.Write("study.json", text);
    EXPECT_EQ(InspectError(folder), "MANIFEST_SCHEMA") << bad;
  }
}

TEST(Study, NeverWaitsForAFileThatStudyJsonMustNotName) {
  for (const char* name : {"../a.nii", "/etc/passwd", "x/../../a.nii", "./a.nii", "x//a.nii", "x/", ".."}) {
    const TempFolder folder;
    folder.Write("a.nii", kImage);
    folder.Write("study.json", Manifest(name, kImage).dump());
    try {
      (void)Inspect(folder);
      ADD_FAILURE() << name;
    } catch (const InputError& error) {
      EXPECT_EQ(error.code(), "MANIFEST_SCHEMA") << name;
      EXPECT_EQ(error.field(), "/files/0/name");
    }
  }
}

TEST(Study, TakesAStudyJsonFromWhereverItLies) {
  const TempFolder folder;
  folder.Write("st/ser/sub/a.nii", kImage);
  folder.Write("st/mask.nii", kOther);
  folder.Write("st/ser/study.json", Manifest("sub/a.nii", kImage).dump());
  const InspectedStudy study = Inspect(folder);
  EXPECT_TRUE(study.has_manifest);
  EXPECT_EQ(study.identity.patient, "P-17");
  EXPECT_THAT(ChosenImage(study).files, testing::ElementsAre("st/ser/sub/a.nii"));
  EXPECT_EQ(ChosenImage(study).series_uid, "1.2.3");
  EXPECT_THAT(study.other_files, testing::ElementsAre("st/mask.nii"));
  folder.Write("st/ser/sub/a.nii", kOther);
  EXPECT_EQ(InspectError(folder), "MANIFEST_INCOMPLETE");
}

TEST(Study, GivesNoPatientToImagesBesideTheFolderOfStudyJson) {
  const TempFolder folder;
  json manifest = Manifest("x", kImage);
  manifest["files"] = json::array();
  folder.Write("one/study.json", manifest.dump());
  folder.Write("one/a.nii", kImage);
  folder.Write("two/a.nii", kOther);
  const InspectedStudy study = Inspect(folder);
  EXPECT_THAT(ChosenImage(study).files, testing::ElementsAre("one/a.nii"));
  EXPECT_THAT(study.other_files, testing::ElementsAre("two/a.nii"));
}

TEST(Study, RefusesTwoStudyJsonAndNamesThem) {
  const TempFolder folder;
  folder.Write("a.nii", kImage);
  folder.Write("study.json", Manifest("a.nii", kImage).dump());
  folder.Write("b/study.json", Manifest("a.nii", kImage).dump());
  EXPECT_THAT([&] { (void)Inspect(folder); },
              testing::Throws<InputError>(testing::AllOf(
                  testing::Property(&InputError::code, "MANIFEST_SCHEMA"),
                  testing::Property(&InputError::sentence, testing::HasSubstr(R"("b/study.json", "study.json")")))));
}

}  // namespace
}  // namespace dinsd
