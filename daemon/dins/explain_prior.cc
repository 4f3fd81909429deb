#include "daemon/dins/explain_prior.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "daemon/publish/result_index.h"
#include "daemon/service/study_facts.h"

namespace dinsd {
namespace {

namespace fs = std::filesystem;

std::string PatientsOf(const fs::path& study, const std::vector<WatchSettings>& watches) {
  const fs::path folder = fs::weakly_canonical(study).parent_path();
  const auto watch = std::find_if(watches.begin(), watches.end(), [&](const WatchSettings& known) {
    return fs::weakly_canonical(known.path) == folder;
  });
  return watch == watches.end() ? folder.string() : "watch " + watch->Patients();
}

}  // namespace

PriorChoice PriorAmong(const fs::path& results, const fs::path& study, const StudyIdentity& identity, bool has_manifest,
                       const std::vector<WatchSettings>& watches) {
  if (!std::ifstream(results / "index.csv"))
    throw std::runtime_error("--results: '" + (results / "index.csv").string() + "' cannot be read");
  const StudyFacts facts = FactsOf("", identity, has_manifest);
  if (facts.patient.empty()) return {std::nullopt, "the images do not say whose they are"};
  if (facts.study_date.empty()) return {std::nullopt, "the images do not say of when they are"};
  std::vector<Timepoint> timepoints;
  for (const IndexRow& row : ResultIndex(results / "index.csv").Rows()) {
    std::string revision = "r";
    const fs::path place = results / std::to_string(row.job) / revision.append(std::to_string(row.revision));
    const std::optional<ResultFacts> found = ResultFactsOf("", place);
    if (!found || found->patient != facts.patient || PatientsOf(row.path, watches) != PatientsOf(study, watches))
      continue;
    timepoints.push_back({JobId{row.job}, row.revision, row.study, "", *found});
  }
  return ChoosePrior(timepoints, JobId{0}, facts.study_date);
}

}  // namespace dinsd
