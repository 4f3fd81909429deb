#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "pipeline/read/volume_file.h"
#include "pipeline/report/report.h"
#include "tests/folders.h"
#include "tests/pipeline/report/sample_result.h"

// Pages to look at, in report_pages/ of the build folder, as a browser shows and prints them.

namespace dinsd {
namespace {

namespace fs = std::filesystem;

const ReportContext kContext{
    .job_id = "job-12", .revision = 2, .created = "2026-03-06T01:02:03Z", .software = "dinsd " DINSD_VERSION};

fs::path WritePage(const std::string& name, const StudyResult& result) {
  const fs::path folder = fs::path(kBuildFolder) / "report_pages";
  fs::create_directories(folder);
  const std::string page = ReportHtml(result, kContext);
  std::ofstream(folder / (name + ".html"), std::ios::binary) << page;
  EXPECT_LT(page.size(), 8'000'000U);
  return folder / (name + ".html");
}

bool HasBrowser() {
  return std::system("command -v chromium >/dev/null 2>&1") == 0;
}

// Runs the browser without a window; true when it left `output`.
bool Browse(const fs::path& page, const std::string& options, const fs::path& output) {
  std::error_code ignored;
  fs::remove(output, ignored);
  const std::string command = "chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --log-level=3 " +
                              options + " 'file://" + page.string() + "' >/dev/null 2>&1";
  return std::system(command.c_str()) == 0 && fs::exists(output) && fs::file_size(output) > 10'000;
}

// A result with one of everything that the page has a word for.
StudyResult ManifoldResult() {
  StudyResult result = SampleResult(24, {240, 700, 14});
  result.lesions[0].flags = {"touches_border", "shared_component"};
  result.lesions[1].warnings = {"positive click 2 lies outside the mask"};
  result.lesions[2].id = "plexiform, left thigh & knee (follow-up)";
  result.prompts.prompts.lesions[2] = {.id = result.lesions[2].id,
                                       .type = "plexiform",
                                       .depth = "internal",
                                       .laterality = "L",
                                       .site = PromptCode{"68367000", "SCT", "Thigh"}};
  result.resolved.lesions[2].id = result.lesions[2].id;
  ResolvedClick negative = result.resolved.lesions[2].clicks.at(0);
  negative.sign = Polarity::kNegative;
  negative.ijk[0] += 12;
  result.resolved.lesions[2].clicks.push_back(negative);
  result.lesions[2].clicks_negative = 1;
  result.is_out_of_domain = true;
  return result;
}

TEST(ReportPage, IsShownOnDesktopAndPhoneAndPrinted) {
  const fs::path page = WritePage("sample", ManifoldResult());
  if (!HasBrowser()) GTEST_SKIP() << "no chromium on this machine; the page is " << page;
  fs::path stem = page;
  stem.replace_extension();
  const std::string name = stem.string();
  EXPECT_TRUE(Browse(page, "--window-size=1280,800 --screenshot='" + name + "-desktop.png'", name + "-desktop.png"));
  EXPECT_TRUE(Browse(page, "--window-size=500,844 --screenshot='" + name + "-phone.png'", name + "-phone.png"));
  EXPECT_TRUE(Browse(page, "--no-pdf-header-footer --print-to-pdf='" + name + ".pdf'", name + ".pdf"));
}

// A phantom with its truth as mask.
StudyResult PhantomResult(const fs::path& folder) {
  const Volume truth = ReadVolumeFile(folder / "truth" / "truth.nii.gz");
  StudyResult result = ResultWithoutLesions(truth.grid);
  result.volume = ReadVolumeFile(folder / "study" / "image.nii.gz");
  result.mask.grid = result.unprompted.grid = truth.grid;
  result.unprompted.labels.resize(truth.voxels.size());
  std::uint16_t labels = 0;
  for (const float value : truth.voxels) {
    result.mask.labels.push_back(static_cast<std::uint16_t>(value));
    labels = std::max(labels, result.mask.labels.back());
  }
  for (std::uint16_t label = 1; label <= labels; ++label) AddLesionOfMask(result, label);
  return result;
}

// For looking at: DINSD_REPORT_STUDY names a folder that `dins phantom` wrote.
TEST(ReportPage, ShowsAPhantomWithItsTruthAsMask) {
  const char* folder = std::getenv("DINSD_REPORT_STUDY");
  if (folder == nullptr) GTEST_SKIP() << "set DINSD_REPORT_STUDY to a folder that `dins phantom` wrote";
  StudyResult result = PhantomResult(folder);
  ASSERT_FALSE(result.lesions.empty());
  const std::ifstream file(fs::path(folder) / "study" / "image.nii.gz.prompts.json", std::ios::binary);
  std::ostringstream sidecar;
  sidecar << file.rdbuf();
  const std::string bytes = sidecar.str();
  result.prompts.prompts = ParsePrompts(std::as_bytes(std::span(bytes)), "image.nii.gz.prompts.json");
  result.image.series_uid = result.prompts.prompts.image.series_uid;
  result.image.file_sha256 = {result.prompts.prompts.image.sha256};
  result.resolved = ResolvePrompts(result.prompts.prompts, result.image, "", result.prompts.file);
  ASSERT_EQ(result.resolved.lesions.size(), result.lesions.size());
  for (std::size_t i = 0; i < result.lesions.size(); ++i) {
    result.lesions[i].clicks_positive = static_cast<int>(result.resolved.lesions[i].clicks.size());
  }
  WritePage(fs::path(folder).filename(), result);
}

}  // namespace
}  // namespace dinsd
