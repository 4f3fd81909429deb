#pragma once

#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "daemon/service/child.h"
#include "daemon/service/context.h"

namespace dinsd {

/// Keeps results_dir/patients/ up to date: of each patient with final or preliminary results of two dates or more a
/// report over all of them, made by `dins history report` as a child of low priority, one at a time. Whether a report
/// is of what the history has now is told by its stamp, so nothing is lost in a crash and nothing is made twice. No job
/// waits for it; what it cannot make is logged and tried again when the patient's history changes, or at the next
/// start. Not thread-safe.
class PatientReports {
 public:
  /// `config` is what the daemon was started with: the child reads it too.
  PatientReports(ServiceContext& context, std::filesystem::path config);

  /// After a start: looks at every patient once, and removes what runs that were ended have left.
  void Begin();

  /// Starts the next report, if one is due and none is being made.
  void Tick();

  void Stop();

 private:
  struct Order {
    std::string folder;  // in results_dir/patients
    std::vector<JobId> jobs;
    std::string stamp;
  };

  [[nodiscard]] std::filesystem::path Folder() const { return context_.results.folder() / "patients"; }
  void LookAt(const std::string& patient);
  void Start(const Order& order);
  void OnExit(const Order& order, const std::string& how);

  ServiceContext& context_;
  std::filesystem::path config_;
  std::deque<Order> waiting_;
  std::shared_ptr<Child> child_;
};

/// The name of a patient's folder: their pseudonym as far as a file's name can hold it, and a digest that tells
/// patients of one name in two circles apart.
[[nodiscard]] std::string PatientFolderName(const std::string& circle, const std::string& patient);

}  // namespace dinsd
