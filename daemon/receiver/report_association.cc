#include <dcmtk/dcmdata/dcostrma.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <cstdio>

#include "daemon/outgoing/outgoing_spool.h"
#include "daemon/receiver/commitment.h"
#include "daemon/receiver/note.h"
#include "daemon/receiver/store_association.h"

// Reports on storage commitment, for which a peer makes an association of its own (PS3.4 J.3.3).

namespace dinsd {
namespace {

constexpr std::size_t kMostReportBytes = std::size_t{4} << 20U;
constexpr Uint16 kProcessingFailure = 0x0110;

// What DCMTK reads of a data set goes into memory, up to a limit.
class TextConsumer : public DcmConsumer {
 public:
  [[nodiscard]] OFBool good() const override { return OFTrue; }
  [[nodiscard]] OFCondition status() const override { return EC_Normal; }
  [[nodiscard]] OFBool isFlushed() const override { return OFTrue; }
  [[nodiscard]] offile_off_t avail() const override { return 1 << 30; }
  offile_off_t write(const void* bytes, offile_off_t size) override {
    if (text.size() <= kMostReportBytes) text.append(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
    return size;
  }
  void flush() override {}

  std::string text;
};

class TextStream : public DcmOutputStream {
 public:
  explicit TextStream(TextConsumer& consumer) : DcmOutputStream(&consumer) {}
};

}  // namespace

OFCondition StoreAssociation::TakeReport(const T_DIMSE_N_EventReportRQ& request,
                                         const DcmPresentationContextInfo& context) {
  TextConsumer consumer;
  TextStream stream(consumer);
  T_ASC_PresentationContextID id = 0;
  if (request.DataSetType == DIMSE_DATASET_NULL) return AnswerReport(request, context, kProcessingFailure);
  clock_.Begin(PeerClock::Phase::kObject);
  const OFCondition received =
      DIMSE_receiveDataSetInFile(association_, DIMSE_BLOCKING, 0, &id, &stream, nullptr, nullptr);
  clock_.Begin(PeerClock::Phase::kAnswer);
  if (received.bad()) return received;
  if (id != context.presentationContextID) return DIMSE_BADMESSAGE;
  const bool is_kept = KeepReport(consumer.text, context);
  return AnswerReport(request, context, is_kept ? STATUS_Success : kProcessingFailure);
}

// A success means that it is on the disk, as with objects.
bool StoreAssociation::KeepReport(const std::string& bytes, const DcmPresentationContextInfo& context) const {
  if (settings_.reports_dir.empty() || bytes.size() > kMostReportBytes ||
      context.abstractSyntax != UID_StorageCommitmentPushModelSOPClass)
    return false;
  const std::optional<CommitmentReport> report = ReportOfBytes(bytes, context.acceptedTransferSyntax.c_str());
  if (!report) return false;
  try {
    OutgoingSpool(settings_.reports_dir).Report(CommitmentReportText(*report));
    return true;
  } catch (const std::system_error&) {
    Note(Severity::kError, "a report on storage commitment cannot be kept");
    return false;
  }
}

OFCondition StoreAssociation::AnswerReport(const T_DIMSE_N_EventReportRQ& request,
                                           const DcmPresentationContextInfo& context, Uint16 status) {
  account_.reports += status == STATUS_Success ? 1 : 0;
  T_DIMSE_Message message{};
  message.CommandField = DIMSE_N_EVENT_REPORT_RSP;
  T_DIMSE_N_EventReportRSP& answer = message.msg.NEventReportRSP;
  answer.MessageIDBeingRespondedTo = request.MessageID;
  answer.DimseStatus = status;
  answer.DataSetType = DIMSE_DATASET_NULL;
  answer.EventTypeID = request.EventTypeID;
  (void)std::snprintf(answer.AffectedSOPClassUID, sizeof answer.AffectedSOPClassUID, "%s", request.AffectedSOPClassUID);
  (void)std::snprintf(answer.AffectedSOPInstanceUID, sizeof answer.AffectedSOPInstanceUID, "%s",
                      request.AffectedSOPInstanceUID);
  answer.opts = O_NEVENTREPORT_AFFECTEDSOPCLASSUID | O_NEVENTREPORT_AFFECTEDSOPINSTANCEUID | O_NEVENTREPORT_EVENTTYPEID;
  return sendDIMSEMessage(context.presentationContextID, &message, nullptr);
}

}  // namespace dinsd
