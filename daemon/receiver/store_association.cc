#include "daemon/receiver/store_association.h"

#include <dcmtk/dcmdata/dcostrma.h>

namespace dinsd {
namespace {

// What DCMTK reads of a data set goes into a file of ours.
class PartConsumer : public DcmConsumer {
 public:
  explicit PartConsumer(PartFile& part) : part_(part) {}

  [[nodiscard]] OFBool good() const override { return OFTrue; }
  [[nodiscard]] OFCondition status() const override { return EC_Normal; }
  [[nodiscard]] OFBool isFlushed() const override { return OFTrue; }
  [[nodiscard]] offile_off_t avail() const override { return 1 << 30; }
  offile_off_t write(const void* bytes, offile_off_t size) override {
    part_.Write({static_cast<const std::byte*>(bytes), static_cast<std::size_t>(size)});
    return size;  // what finds no room is thrown away, so that the request can be answered
  }
  void flush() override {}

 private:
  PartFile& part_;
};

class PartStream : public DcmOutputStream {
 public:
  explicit PartStream(PartConsumer& consumer) : DcmOutputStream(&consumer) {}
};

const char* InWords(StoreStatus status) {
  switch (status) {
    case StoreStatus::kNoRoom:
      return "0xA700 no room";
    case StoreStatus::kMismatch:
      return "0xA900 another object than announced";
    case StoreStatus::kClassNotSupported:
      return "0x0122 another SOP class than agreed";
    case StoreStatus::kNotAuthorised:
      return "0x0124 is none of storing_ae_titles";
    case StoreStatus::kNotUnderstood:
      return "0xC000 refused by the pre-scan";
    case StoreStatus::kSuccess:
      break;
  }
  return "";
}

std::string Trimmed(const OFString& text) {
  const std::string title = text.c_str();
  const std::size_t first = title.find_first_not_of(' ');
  return first == std::string::npos ? "" : title.substr(first, title.find_last_not_of(' ') - first + 1);
}

}  // namespace

void RefuseForLimit(T_ASC_Association& association) {
  const T_ASC_RejectParameters why = {ASC_RESULT_REJECTEDTRANSIENT, ASC_SOURCE_SERVICEPROVIDER_PRESENTATION_RELATED,
                                      ASC_REASON_SP_PRES_LOCALLIMITEXCEEDED};
  (void)ASC_rejectAssociation(&association, &why);
}

StoreAssociation::StoreAssociation(const ReceiverSettings& settings, const DcmSharedSCPConfig& contexts,
                                   const Admission& admission, Spool& spool, PeerClock& clock)
    : settings_(settings), admission_(admission), spool_(spool), clock_(clock) {
  (void)setSharedConfig(contexts);
}

StoreAssociation::Account StoreAssociation::Serve(AssociationPtr association) {
  association_ = association.release();
  (void)run(association_);
  if (clock_.cut() != nullptr) account_.end = clock_.cut();
  clock_.Begin(PeerClock::Phase::kEnd);
  return account_;
}

OFBool StoreAssociation::checkCalledAETitleAccepted(const OFString& called) {
  const bool is_ours = Trimmed(called) == settings_.ae_title;
  if (!is_ours) account_.end = "refused: calls another AE title than ae_title";
  return is_ours ? OFTrue : OFFalse;
}

OFBool StoreAssociation::checkCallingAETitleAccepted(const OFString& calling) {
  const bool is_known = admission_.IsKnownTitle(Trimmed(calling));
  may_store_ = admission_.MayStore(Trimmed(calling));
  if (!is_known) account_.end = "refused: is none of calling_ae_titles";
  return is_known ? OFTrue : OFFalse;
}

void StoreAssociation::notifyAssociationAcknowledge() {
  account_.end = "broken off";
  clock_.Begin(PeerClock::Phase::kMessage);
}

void StoreAssociation::notifyReleaseRequest() {
  account_.end = "released";
}

void StoreAssociation::notifyAbortRequest() {
  account_.end = "aborted by the peer";
}

void StoreAssociation::notifyDIMSEError(const OFCondition&) {}

OFCondition StoreAssociation::handleIncomingCommand(T_DIMSE_Message* message,
                                                    const DcmPresentationContextInfo& context) {
  OFCondition done;
  if (message->CommandField == DIMSE_C_STORE_RQ) {
    done = Store(message->msg.CStoreRQ, context);
  } else if (message->CommandField == DIMSE_N_EVENT_REPORT_RQ) {
    done = TakeReport(message->msg.NEventReportRQ, context);
  } else {
    done = DcmThreadSCP::handleIncomingCommand(message, context);
  }
  clock_.Begin(PeerClock::Phase::kMessage);
  return done;
}

OFCondition StoreAssociation::Store(const T_DIMSE_C_StoreRQ& request, const DcmPresentationContextInfo& context) {
  const ObjectNames names{request.AffectedSOPClassUID, request.AffectedSOPInstanceUID,
                          context.acceptedTransferSyntax.c_str()};
  OFCondition condition;
  const StoreStatus status = Receive(names, context, condition);
  if (condition.bad()) return condition;
  ++(status == StoreStatus::kSuccess ? account_.kept : account_.refused);
  if (status != StoreStatus::kSuccess) account_.last_refusal = InWords(status);
  clock_.Begin(PeerClock::Phase::kMessage);  // a peer that reads no answer is waited for no longer than any other
  return sendSTOREResponse(context.presentationContextID, request, static_cast<Uint16>(status));
}

StoreStatus StoreAssociation::Receive(const ObjectNames& names, const DcmPresentationContextInfo& context,
                                      OFCondition& condition) {
  PartFile part(spool_.parts(), settings_.max_object_bytes, [this] { return may_store_ && spool_.HasRoom(); });
  part.WriteHead(FileMetaOf(names));
  PartConsumer consumer(part);
  PartStream stream(consumer);
  T_ASC_PresentationContextID id = 0;
  clock_.Begin(PeerClock::Phase::kObject);
  condition = DIMSE_receiveDataSetInFile(association_, DIMSE_BLOCKING, 0, &id, &stream, nullptr, nullptr);
  clock_.Begin(PeerClock::Phase::kAnswer);
  if (condition.good() && id != context.presentationContextID) condition = DIMSE_BADMESSAGE;
  if (condition.bad()) return StoreStatus::kNotUnderstood;
  if (!may_store_) return StoreStatus::kNotAuthorised;
  if (context.abstractSyntax != names.sop_class.c_str()) return StoreStatus::kClassNotSupported;
  return spool_.Keep(part, names);
}

}  // namespace dinsd
