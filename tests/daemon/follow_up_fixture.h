#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/daemon/dins_command.h"
#include "tests/daemon/test_daemon.h"
#include "tests/folders.h"

namespace dinsd {

/// Three visits ("t1", "t2", "t3") of a phantom patient, a thigh, and a daemon with the shipped weights.
class FollowUpTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    visits = new TempFolder;
    const Ran ran = Dins("phantom --preset small --seed 3 --timepoints 3 --out " + visits->path().string() + "/p");
    ASSERT_EQ(ran.status, 0) << ran.output;
  }
  static void TearDownTestSuite() {
    delete visits;
    visits = nullptr;
  }

  FollowUpTest() { daemon.weights = std::filesystem::path(kSourceFolder) / "model/weights/dins-body.safetensors"; }

  enum class Clicks { kNone, kProposed, kVerified };

  /// Puts a visit into a watched folder at once.
  void Drop(const std::string& visit, Clicks clicks, const std::string& folder = "incoming",
            const std::string& patient = "") const {
    namespace fs = std::filesystem;
    const fs::path part = daemon.Path(visit + ".part"), source = visits->path() / "p" / visit / "study";
    fs::create_directories(daemon.Path(folder));
    fs::copy(source, part, fs::copy_options::recursive);
    const fs::path sidecar = part / "image.nii.gz.prompts.json";
    if (clicks == Clicks::kNone) fs::remove(sidecar);
    if (clicks == Clicks::kProposed) Edit(sidecar, Unverify);
    if (clicks == Clicks::kVerified)
      Edit(sidecar, [](nlohmann::json& text) { text["provenance"]["source"] = "human"; });
    if (!patient.empty()) Edit(part / "study.json", [&](nlohmann::json& text) { text["patient"] = patient; });
    fs::rename(part, daemon.Path(folder) / visit);
  }

  static void Unverify(nlohmann::json& prompts) {
    for (nlohmann::json& lesion : prompts["lesions"]) {
      for (nlohmann::json& click : lesion["clicks"]) click["status"] = "proposed";
    }
  }

  template <typename Change>
  static void Edit(const std::filesystem::path& file, Change change) {
    nlohmann::json text = nlohmann::json::parse(Content(file));
    change(text);
    std::ofstream(file) << text;
  }

  [[nodiscard]] std::string Number(const std::string& visit) const {
    return std::to_string(daemon.JobOf(visit).at("job").get<int>());
  }
  [[nodiscard]] std::filesystem::path Result(const std::string& visit, int revision = 1) const {
    std::string name = "r";
    return daemon.Path("results") / Number(visit) / name.append(std::to_string(revision));
  }
  [[nodiscard]] bool HasResult(const std::string& visit, int revision) const {
    return std::filesystem::exists(Result(visit, revision) / "result.json");
  }
  [[nodiscard]] nlohmann::json Report(const std::string& visit, int revision = 1) const {
    return nlohmann::json::parse(Content(Result(visit, revision) / "report.json"));
  }

  static inline TempFolder* visits = nullptr;
  TestDaemon daemon;
};

}  // namespace dinsd
