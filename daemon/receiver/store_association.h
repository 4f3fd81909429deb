#pragma once

#include <dcmtk/dcmnet/scpthrd.h>

#include <string>

#include "daemon/receiver/admission.h"
#include "daemon/receiver/association_gate.h"
#include "daemon/receiver/peer_clock.h"
#include "daemon/receiver/spool.h"

namespace dinsd {

/// One association: verification, storage and reports on storage commitment until the peer releases or aborts it, or is
/// cut.
class StoreAssociation : public DcmThreadSCP {
 public:
  struct Account {
    int kept = 0;     // objects
    int refused = 0;  // objects
    int reports = 0;  // on storage commitment
    const char* last_refusal = "";
    std::string end = "refused";
  };

  /// `contexts` are those that are accepted; all must outlive this.
  StoreAssociation(const ReceiverSettings& settings, const DcmSharedSCPConfig& contexts, const Admission& admission,
                   Spool& spool, PeerClock& clock);

  /// Answers the request and serves the peer. Blocks until the association is over.
  [[nodiscard]] Account Serve(AssociationPtr association);

 protected:
  OFBool checkCalledAETitleAccepted(const OFString& called) override;
  OFBool checkCallingAETitleAccepted(const OFString& calling) override;
  void notifyAssociationAcknowledge() override;
  void notifyReleaseRequest() override;
  void notifyAbortRequest() override;
  void notifyDIMSEError(const OFCondition& condition) override;
  OFCondition handleIncomingCommand(T_DIMSE_Message* message, const DcmPresentationContextInfo& context) override;

 private:
  OFCondition Store(const T_DIMSE_C_StoreRQ& request, const DcmPresentationContextInfo& context);
  OFCondition TakeReport(const T_DIMSE_N_EventReportRQ& request, const DcmPresentationContextInfo& context);
  [[nodiscard]] bool KeepReport(const std::string& bytes, const DcmPresentationContextInfo& context) const;
  OFCondition AnswerReport(const T_DIMSE_N_EventReportRQ& request, const DcmPresentationContextInfo& context,
                           Uint16 status);
  [[nodiscard]] StoreStatus Receive(const ObjectNames& names, const DcmPresentationContextInfo& context,
                                    OFCondition& condition);

  const ReceiverSettings& settings_;
  const Admission& admission_;
  Spool& spool_;
  PeerClock& clock_;
  T_ASC_Association* association_ = nullptr;  // of the base class
  bool may_store_ = false;
  Account account_;
};

/// Refuses an association because there are too many: rejected for now, local limit exceeded (PS3.8 9.3.4).
void RefuseForLimit(T_ASC_Association& association);

}  // namespace dinsd
