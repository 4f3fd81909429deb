#pragma once

#include <dcmtk/oflog/oflog.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "daemon/receiver/send_result.h"
#include "pipeline/read/digest.h"
#include "tests/pipeline/read/dicom_maker.h"
#include "tests/temp_folder.h"

namespace dinsd {

/// Orders of MR slices for a peer at the loopback, with the spool that they lie in.
class SendKit {
 public:
  SendKit() : spool_(folder_.path() / "spool") {
    ::setenv("TCP_NODELAY", "1", 1);
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    spool_.Make();
  }

  /// An order with slices 0, 1, ... as its objects.
  [[nodiscard]] SendOrder Order(int port, int objects = 2, const DicomEdit& edit = {}) const {
    constexpr std::chrono::seconds kLimit{5};
    SendOrder order{.key = {JobId{7}, 2, "pacs"},
                    .attempt = 3,
                    .peer = {.host = "127.0.0.1",
                             .port = port,
                             .called_ae_title = "PACS",
                             .calling_ae_title = "DINSD",
                             .connect_limit = kLimit,
                             .acse_limit = kLimit,
                             .dimse_limit = kLimit}};
    for (int k = 0; k < objects; ++k) {
      const std::string bytes = MakeSlice(k, edit);
      folder_.Write("order/" + std::to_string(k) + ".dcm", bytes);
      order.files.push_back({"dicom/" + std::to_string(k) + ".dcm", Sha256Hex(std::as_bytes(std::span(bytes)))});
    }
    return order;
  }

  [[nodiscard]] SendAnswer Send(const SendOrder& order) const {
    return SendResult(order, folder_.path() / "order", spool_);
  }

  [[nodiscard]] std::vector<CommitmentReport> ReportsInSpool() const {
    std::vector<CommitmentReport> reports;
    for (const OutgoingSpool::Letter& letter : spool_.Reports()) reports.push_back(ParseCommitmentReport(letter.text));
    return reports;
  }

 private:
  TempFolder folder_;
  OutgoingSpool spool_;
};

}  // namespace dinsd
