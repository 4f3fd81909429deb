#include "pipeline/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pipeline/read/digest.h"
#include "pipeline/report/interval_json.h"
#include "tests/pipeline/report/sample_result.h"

namespace dinsd {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

const ReportContext kContext{
    .job_id = "job-12", .revision = 2, .created = "2026-03-06T01:02:03Z", .software = "dinsd 0.1.0"};

constexpr const char* kScript = "<script>alert(1)</script>";
const std::string kRude = "\"quoted\" & 'single' <b onmouseover=x>\x01\xFF end";

// Every string that can come from an input is set to something rude.
StudyResult RudeResult() {
  StudyResult result = SampleResult(1);
  result.study.name = result.study.identity.patient = result.study.identity.study_date = kRude;
  result.study.identity.issuer = result.study.identity.study_uid = kRude;
  result.image.files = {kRude};
  result.image.description = result.image.sequence = result.image.series_uid = result.image.reason = kRude;
  result.image.notes = {kRude};
  StudyImage other;
  other.files = {kRude};
  other.description = kRude;
  other.error = InputError("MISSING_SLICE", kRude, kRude, kRude);
  result.study.images = {other};
  result.study.digests[0].file = kRude;
  result.lesions[0].id = kScript;
  result.lesions[0].flags = {kRude};
  result.lesions[0].warnings = {kRude};
  PromptLesion& lesion = result.prompts.prompts.lesions[0];
  lesion.id = kScript;
  lesion.site = PromptCode{kRude, kRude, "=cmd|' /C calc'!A0"};
  lesion.type = lesion.depth = lesion.laterality = lesion.tracking_uid = kRude;
  result.resolved.lesions[0].id = kScript;
  result.resolved.warnings = {kRude};
  PromptProvenance& provenance = result.prompts.prompts.provenance;
  provenance.source = provenance.created = provenance.tool = provenance.tool_version = kRude;
  provenance.operator_pseudonym = provenance.imported_from = kRude;
  result.prompts.file = kRude;
  result.prompts.others = {kRude};
  result.mode = result.mode_reason = result.empty_reason = result.device = result.weights_name = kRude;
  result.warnings = {kRude};
  result.timings = {{kRude, 1}};
  result.is_out_of_domain = true;
  return result;
}

TEST(ReportHtml, TakesNoStringOfAnInputForMarkup) {
  const std::string page = ReportHtml(RudeResult(), kContext);
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("<b onmouseover")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_THAT(page, HasSubstr("&quot;quoted&quot; &amp; &#39;single&#39; &lt;b onmouseover=x&gt;"));
  EXPECT_EQ(page.find('\x01'), std::string::npos);
  EXPECT_EQ(page.find('\xFF'), std::string::npos);
}

TEST(ReportHtml, IsOneFileThatLoadsNothing) {
  const std::string page = ReportHtml(SampleResult(), kContext);
  for (const char* outside : {"http://", "https://", "<script", "<link", "@import", "url("}) {
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  }
  EXPECT_THAT(page, HasSubstr("data:image/png;base64,iVBOR"));
}

TEST(ReportHtml, SaysWhoseWhenAndForWhat) {
  const std::string page = ReportHtml(SampleResult(), kContext);
  for (const char* fact : {"study-7", "P-0042", "2026-03-04", "job-12", "Research use only", "61.5 kg", "Final.",
                           "dins-test.safetensors", "Made-up data, CC BY 3.0."}) {
    EXPECT_THAT(page, HasSubstr(fact));
  }
}

TEST(ReportHtml, PutsPreliminaryAndOutOfDomainAndTheReasonOfAnEmptyMaskOnTop) {
  StudyResult result = SampleResult();
  result.is_out_of_domain = result.resolved.is_preliminary = true;
  for (LesionResult& lesion : result.lesions) lesion.voxels = 0;
  result.empty_reason = "the probability stays under 0.5 everywhere";
  const std::string page = ReportHtml(result, kContext);
  const std::size_t totals = page.find("<h2>Totals");
  EXPECT_LT(page.find("PRELIMINARY"), totals);
  EXPECT_LT(page.find("Out of domain."), totals);
  EXPECT_LT(page.find("the probability stays under 0.5 everywhere"), totals);
  EXPECT_THAT(page, Not(HasSubstr("Final.")));
}

TEST(ReportHtml, SaysWhichLesionRestsOnAProposedClick) {
  StudyResult result = SampleResult(2);
  result.resolved.lesions[1].clicks[0].status = ClickStatus::kProposed;
  result.is_preliminary = true;
  const std::string page = ReportHtml(result, kContext);
  EXPECT_THAT(page, HasSubstr("was proposed by a program"));
  EXPECT_THAT(page, HasSubstr("click not verified"));
  EXPECT_EQ(ReportJson(result, kContext)["lesions"][0]["flags"], json::array());
  EXPECT_EQ(ReportJson(result, kContext)["lesions"][1]["flags"], json::array({"proposed_click"}));
}

TEST(ReportHtml, GivesTheReasonWithTheWordsOutOfDomain) {
  StudyResult result = SampleResult(1);
  result.is_out_of_domain = true;
  result.warnings = {"out of domain: the weights were trained for t1", "another warning"};
  const std::string page = ReportHtml(result, kContext);
  EXPECT_THAT(page, HasSubstr("Reason: the weights were trained for t1."));
  EXPECT_THAT(page, HasSubstr("<strong>Warning.</strong> another warning"));
  EXPECT_THAT(page, Not(HasSubstr("<strong>Warning.</strong> out of domain")));
}

TEST(ReportHtml, SaysEachWarningOnce) {
  StudyResult result = SampleResult(1);
  result.warnings = {"CLICK_BUDGET: 24 clicks"};
  result.resolved.warnings = {"CLICK_BUDGET: 24 clicks", "a click was moved"};
  const std::string page = ReportHtml(result, kContext);
  EXPECT_THAT(page, HasSubstr("a click was moved"));
  const std::size_t first = page.find("CLICK_BUDGET: 24 clicks");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(page.find("CLICK_BUDGET: 24 clicks", first + 1), std::string::npos);
}

TEST(ReportHtml, ExplainsTheFlagsThatOccur) {
  StudyResult result = SampleResult();
  result.lesions[1].flags = {"touches_border"};
  const std::string page = ReportHtml(result, kContext);
  EXPECT_THAT(page, HasSubstr("the volume is a lower bound"));
  EXPECT_THAT(page, Not(HasSubstr("It was divided by distance")));
}

TEST(ReportHtml, SaysThatAStudyWithoutPatientOrDateHasNoHistory) {
  StudyResult result = SampleResult();
  EXPECT_THAT(ReportHtml(result, kContext), Not(HasSubstr("No history.")));
  result.study.identity.study_date.clear();
  result.study.has_manifest = false;
  EXPECT_THAT(ReportHtml(result, kContext), HasSubstr("No history."));
}

// No network ran: 0 mL would say that one had looked and found nothing.
TEST(ReportHtml, WhatNobodyLookedForIsNotZero) {
  StudyResult result = SampleResult(1);
  EXPECT_THAT(ReportHtml(result, kContext), Not(HasSubstr("not looked for")));
  result.unprompted_voxels = result.unprompted_components = 0;
  result.unprompted_ml = 0;
  EXPECT_EQ(ReportJson(result, kContext)["totals"]["unprompted_volume_ml"], 0);
  result.imported.emplace();
  const std::string page = ReportHtml(result, kContext);
  EXPECT_THAT(page, HasSubstr("Seen but not marked</dt><dd><strong>not looked for</strong>"));
  const json totals = ReportJson(result, kContext)["totals"];
  for (const char* key : {"unprompted_voxels", "unprompted_volume_ml", "unprompted_components"})
    EXPECT_TRUE(totals.at(key).is_null()) << key;
}

TEST(ReportHtml, DoesWithoutImageAndLesions) {
  StudyResult result;
  result.image.grid.size = {0, 0, 0};
  const std::string page = ReportHtml(result, {});
  EXPECT_THAT(page, HasSubstr("No pictures"));
  EXPECT_THAT(page, HasSubstr("mark no lesion"));
}

TEST(ReportHtml, StaysSmallWithHundredsOfLesionsAndSaysWhatIsLeftOut) {
  const std::string page = ReportHtml(SampleResult(300, {80, 500, 14}), kContext);
  EXPECT_LT(page.size(), 8'000'000U);
  EXPECT_THAT(page, HasSubstr("Pictures of 60 of 300 lesions:"));
}

TEST(ReportJson, HoldsTheFactsUnderTheSchemaWord) {
  const json report = ReportJson(SampleResult(), kContext);
  EXPECT_EQ(report["schema"], "dinsd-report/1");
  EXPECT_EQ(report["job_id"], "job-12");
  EXPECT_EQ(report["state"], "final");
  EXPECT_EQ(report["totals"]["lesions"], 3);
  EXPECT_EQ(report["lesions"][1]["tracking_id"], "L2");
  EXPECT_EQ(report["image"]["slice_spacing_mm"], 10);
  EXPECT_GT(report["lesions"][0]["volume_ml"], 1);
}

TEST(ReportJson, WritesNullForWhatIsNotKnown) {
  StudyResult result = SampleResult();
  result.study.identity = {};
  result.peak_memory_gib = 0;
  const json report = ReportJson(result, {});
  for (const char* key : {"patient", "study_date", "weight_kg", "age_years"}) {
    EXPECT_TRUE(report["study"][key].is_null()) << key;
  }
  EXPECT_TRUE(report["job_id"].is_null());
  EXPECT_TRUE(report["run"]["peak_memory_gib"].is_null());
  EXPECT_TRUE(report["lesions"][0]["site"].is_null());
}

TEST(ReportJson, CanBeWrittenWhateverTheStringsHold) {
  for (const json& document : {ReportJson(RudeResult(), kContext), ProvenanceJson(RudeResult(), kContext)}) {
    const std::string text = document.dump(2);
    EXPECT_EQ(json::parse(text), document);
    EXPECT_EQ(text.find('\xFF'), std::string::npos);
  }
  EXPECT_EQ(ReportJson(RudeResult(), kContext)["lesions"][0]["tracking_id"], kScript);
}

std::vector<std::string> Lines(const std::string& csv) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < csv.size();) {
    const std::size_t end = csv.find("\r\n", at);
    lines.push_back(csv.substr(at, end - at));
    at = end + 2;
  }
  return lines;
}

TEST(LesionsCsv, HasOneRowPerLesionBelowTheHeader) {
  const StudyResult result = SampleResult();
  const auto lines = Lines(LesionsCsv(result));
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0],
            "patient,study_date,tracking_id,tracking_uid,label,site,laterality,type,depth,series_uid,voxel_mm3,"
            "slice_spacing,slices_spanned,volume_mL,volume_low_mL,volume_high_mL,change_log_sd,no_interval,clicks_pos,"
            "clicks_neg,verified_by,touches_border,overlap_zone,"
            "shared_component,"
            "below_measurable,out_of_domain,result,flags,warnings,weights_sha256,"
            "prior_mL,d_abs_prior,d_pct_prior,interval_days,mL_per_month,pct_per_month,class");
  const std::string slices = std::to_string(result.lesions[0].slices_spanned);
  EXPECT_THAT(lines[1], testing::StartsWith("P-0042,2026-03-04,L1,,1,,,,,,40,10," + slices + ","));
}

TEST(Intervals, StandInTableJsonCsvAndInWords) {
  StudyResult result = SampleResult(2);
  result.options.interval.runs = 6;
  result.manifest.interval.emplace().fitted_on = "40 lesions of <made-up> phantoms";
  result.lesions[0].volume_ml = 10;
  result.lesions[0].spread = VolumeSpread{{9, 11, 10, 10, 9, 11}, 0.09, 0.02};
  result.lesions[0].interval = VolumeInterval{8.25, 12.5, 0.9, 6, 0.125};
  result.lesions[1].no_interval = "nothing was segmented";
  const json lesions = ReportJson(result, kContext).at("lesions");
  EXPECT_EQ(lesions[0]["interval"],
            (json{{"low_ml", 8.25}, {"high_ml", 12.5}, {"level", 0.9}, {"runs", 6}, {"change_log_sd", 0.125}}));
  EXPECT_TRUE(lesions[0]["no_interval"].is_null());
  EXPECT_EQ(lesions[0]["spread"]["volumes_ml"].size(), 6U);
  EXPECT_TRUE(lesions[1]["interval"].is_null());
  EXPECT_EQ(lesions[1]["no_interval"], "nothing was segmented");
  EXPECT_EQ(ChangeLogSdOf(lesions[0]), 0.125);
  StudyResult thin = result;
  thin.lesions[0].interval->change_log_sd.reset();
  const json row = ReportJson(thin, kContext).at("lesions")[0];
  EXPECT_TRUE(row["interval"]["change_log_sd"].is_null());
  EXPECT_EQ(row["interval"]["low_ml"], 8.25) << "its volume still has one";
  EXPECT_FALSE(ChangeLogSdOf(row));
  EXPECT_THAT(Lines(LesionsCsv(thin))[1], HasSubstr(",10.0000,8.2500,12.5000,,,1,0,"));
  EXPECT_FALSE(ChangeLogSdOf(lesions[1]));
  EXPECT_FALSE(ChangeLogSdOf(json::object())) << "of a report that is older than intervals";
  const auto lines = Lines(LesionsCsv(result));
  EXPECT_THAT(lines[1], HasSubstr(",10.0000,8.2500,12.5000,0.1250,,1,0,"));
  EXPECT_THAT(lines[2], HasSubstr(",,,nothing was segmented,1,0,"));
  const std::string page = ReportHtml(result, kContext);
  EXPECT_THAT(page, HasSubstr("8.25 to 12.5"));
  EXPECT_THAT(page, HasSubstr("40 lesions of &lt;made-up&gt; phantoms"));
  EXPECT_THAT(page, Not(HasSubstr("No interval.")));
}

TEST(Intervals, ThePageSaysWhyThereAreNone) {
  StudyResult result = SampleResult(1);
  EXPECT_THAT(ReportHtml(result, kContext), HasSubstr("not run again"));
  result.options.interval.runs = 6;
  result.lesions[0].spread = VolumeSpread{{9, 11, 10, 10, 9, 11}, 0.09, 0.02};
  const std::string page = ReportHtml(result, kContext);
  EXPECT_THAT(page, HasSubstr("uncalibrated: these weights are not calibrated"));
  EXPECT_THAT(page, HasSubstr("the volumes moved by 9 %"));
}

TEST(LesionsCsv, DisarmsFormulasAndQuotesTheRest) {
  const std::string csv = LesionsCsv(RudeResult());
  EXPECT_THAT(csv, HasSubstr(",'=cmd|' /C calc'!A0,"));
  EXPECT_THAT(csv, HasSubstr("\"\"\"quoted\"\" & 'single'"));
  EXPECT_EQ(csv.find('\x01'), std::string::npos);
  EXPECT_EQ(csv.find('\xFF'), std::string::npos);
}

TEST(LesionsCsv, NamesWhoVerifiedOnlyWhereEveryClickIs) {
  StudyResult result = SampleResult(2);
  result.prompts.prompts.provenance.operator_pseudonym = "reader-3";
  result.resolved.lesions[1].clicks[0].status = ClickStatus::kProposed;
  result.is_preliminary = true;
  const auto lines = Lines(LesionsCsv(result));
  EXPECT_THAT(lines[1], HasSubstr(",reader-3,"));
  EXPECT_THAT(lines[2], Not(HasSubstr("reader-3")));
  EXPECT_THAT(lines[2], HasSubstr(",preliminary,"));
}

TEST(ProvenanceJson, NamesEveryDigest) {
  const StudyResult result = SampleResult();
  const json provenance = ProvenanceJson(result, {});
  EXPECT_EQ(provenance["schema"], "dinsd-provenance/1");
  EXPECT_EQ(provenance["inputs"][0]["sha256"], std::string(64, 'a'));
  EXPECT_EQ(provenance["prompts"]["sha256"], std::string(64, 'b'));
  EXPECT_EQ(provenance["weights"]["sha256"], std::string(64, 'c'));
  for (const char* part : {"libtorch", "dcmtk", "compiler"}) {
    EXPECT_GE(provenance["versions"][part].get<std::string>().size(), 3U) << part;
  }
  EXPECT_EQ(provenance["versions"]["dinsd"], DINSD_VERSION);
  EXPECT_EQ(provenance["peak_memory_gib"], 2.25);
  EXPECT_EQ(provenance["weights"]["manifest"]["licence"], "MIT");
}

TEST(ProvenanceJson, DigestsTheOptionsInTheirCanonicalForm) {
  StudyResult result = SampleResult();
  const json before = ProvenanceJson(result, {});
  const std::string canonical = before["options"].dump();
  EXPECT_EQ(before["options_sha256"], Sha256Hex(std::as_bytes(std::span(canonical))));
  result.options.threshold = 0.6;
  EXPECT_NE(ProvenanceJson(result, {})["options_sha256"], before["options_sha256"]);
  result.options = {.interval = {.runs = 6}};
  const json again = ProvenanceJson(result, {});
  EXPECT_EQ(again["options_sha256"], before["options_sha256"]) << "no volume hangs on how it was run again";
  EXPECT_EQ(again["interval"]["runs"], 6);
}

}  // namespace
}  // namespace dinsd
