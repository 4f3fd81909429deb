#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/service/child.h"
#include "daemon/service/context.h"

namespace dinsd {

/// Keeps results_dir/patients/ up to date: of each patient with final or preliminary results of two dates or more a
/// report over all of them, made by `dins history report` as a child of low priority, one at a time. Whether a report
/// is of what the history has now is told by its stamp, so nothing is lost in a crash and nothing is made twice. No job
/// waits for it. What it cannot make is logged with the reason, by a key that names nobody, and tried again when the
/// patient's history changes, the configuration is read again, or at the next start; until then there is no report,
/// rather than an old one that looks like today's. It removes what bears its stamp and nothing else. Not thread-safe.
class PatientReports {
 public:
  /// `config` is what the daemon was started with: the child reads it too.
  PatientReports(ServiceContext& context, std::filesystem::path config);

  /// After a start, and after the configuration was read again: looks at every patient once, and removes reports of
  /// patients that there are no more, and what runs that were ended have left.
  void Begin();

  /// Starts the next report, if one is due and none is being made.
  void Tick();

  void Stop();

 private:
  struct Order {
    std::string patient;
    std::string folder;  // in results_dir/patients
    std::vector<JobId> jobs;
    std::string stamp;
  };

  [[nodiscard]] std::filesystem::path Folder() const { return context_.results.folder() / "patients"; }
  void LookAt(const std::string& patient);
  void LookAtCircle(const std::string& patient, const std::string& circle, const std::vector<Timepoint>& timepoints);
  [[nodiscard]] std::string StampOf(const std::vector<Timepoint>& timepoints) const;
  void RemoveStrangers() const;
  void Start(const Order& order);
  void OnExit(const Order& order, const std::string& how);

  ServiceContext& context_;
  std::filesystem::path config_;
  std::deque<Order> waiting_;
  std::map<std::string, std::string> failed_;  // by folder: the stamp of the report that could not be made
  std::shared_ptr<Child> child_;
  std::string reason_;  // why the child made none, as it says
};

/// The name of a patient's folder: their pseudonym as far as a file's name can hold it, and a digest that tells
/// patients of one name in two circles apart.
[[nodiscard]] std::string PatientFolderName(const std::string& circle, const std::string& patient);

/// That digest alone, for the log, which names nobody.
[[nodiscard]] std::string PatientKeyOf(const std::string& folder_name);

}  // namespace dinsd
