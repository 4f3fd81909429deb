#pragma once

#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmnet/scp.h>
#include <dcmtk/dcmnet/scu.h>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "daemon/receiver/commitment.h"
#include "daemon/service/listening_socket.h"

namespace dinsd {

/// A PACS of the test's own at a free port of the loopback: stores, refuses, breaks off, commits itself, is asked.
class TestPacs : private DcmSCP {
 public:
  enum class Reports {
    kNotTaken,  // requests for commitment are not accepted
    kSameAssociation,
    kNewAssociation,  // at report_port, where we are the requestor and the provider
    kNever,           // accepted, and never answered
  };

  explicit TestPacs(Reports reports = Reports::kNotTaken, std::vector<std::string> classes = {UID_MRImageStorage},
                    bool answers_queries = false)
      : reports_(reports), port_(FreePort()) {
    OFList<OFString> syntaxes;
    syntaxes.push_back(UID_LittleEndianExplicitTransferSyntax);
    syntaxes.push_back(UID_LittleEndianImplicitTransferSyntax);
    for (const std::string& sop_class : classes) getConfig().addPresentationContext(sop_class.c_str(), syntaxes);
    if (reports != Reports::kNotTaken)
      getConfig().addPresentationContext(UID_StorageCommitmentPushModelSOPClass, syntaxes);
    if (answers_queries) getConfig().addPresentationContext(UID_FINDStudyRootQueryRetrieveInformationModel, syntaxes);
    getConfig().setAETitle("PACS");
    getConfig().setPort(static_cast<Uint16>(port_));
    getConfig().setConnectionBlockingMode(DUL_NOBLOCK);
    getConfig().setConnectionTimeout(1);
    if (openListenPort().bad()) throw std::runtime_error("the test's PACS cannot listen");
    thread_ = std::thread([this] { (void)acceptAssociations(); });
  }
  ~TestPacs() override {
    is_ending_ = true;
    thread_.join();
  }

  [[nodiscard]] int port() const { return port_; }

  /// How often each instance was stored.
  [[nodiscard]] std::map<std::string, int> Stored() const {
    const std::lock_guard lock(mutex_);
    return stored_;
  }
  /// How often it was asked by C-FIND.
  [[nodiscard]] int Queries() const { return queries_; }
  [[nodiscard]] int Requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

  std::atomic<int> status = 0;           // of its answers to C-STORE
  std::atomic<bool> breaks_off = false;  // at the second object of an association
  std::atomic<bool> keeps_all = true;    // else the first object is reported as failed
  std::atomic<int> report_port = 0;
  std::atomic<bool> finds_what_it_has = true;
  std::atomic<int> query_status = 0;         // at the end of its answers
  std::atomic<int> study_instances = -1;     // that it says it has of the study 1.2.3; below 0 = it has no such study
  std::atomic<bool> supports_number = true;  // else it leaves that number empty

 private:
  static int FreePort() { return PortOf(ListenAt("127.0.0.1", 0).get()); }

  OFBool checkCalledAETitleAccepted(const OFString& called) override { return called == "PACS" ? OFTrue : OFFalse; }
  OFBool stopAfterConnectionTimeout() override { return is_ending_ ? OFTrue : OFFalse; }
  OFBool stopAfterCurrentAssociation() override { return is_ending_ ? OFTrue : OFFalse; }
  void notifyAssociationAcknowledge() override { objects_ = 0; }
  void notifyAssociationTermination() override { ReportLater(); }

  OFCondition handleIncomingCommand(T_DIMSE_Message* message, const DcmPresentationContextInfo& context) override {
    const T_ASC_PresentationContextID id = context.presentationContextID;
    if (message->CommandField == DIMSE_C_STORE_RQ) return Store(message->msg.CStoreRQ, id);
    if (message->CommandField == DIMSE_N_ACTION_RQ) return TakeRequest(message->msg.NActionRQ, id);
    if (message->CommandField == DIMSE_C_FIND_RQ) return AnswerQuery(message->msg.CFindRQ, id);
    return DcmSCP::handleIncomingCommand(message, context);
  }

  OFCondition Store(T_DIMSE_C_StoreRQ& request, T_ASC_PresentationContextID id) {
    DcmDataset* received = nullptr;
    const OFCondition got = receiveSTORERequest(request, id, received);
    const std::unique_ptr<DcmDataset> data_set(received);
    if (got.bad()) return got;
    if (breaks_off && ++objects_ == 2) return abortAssociation();
    if (status == 0) {
      const std::lock_guard lock(mutex_);
      ++stored_[request.AffectedSOPInstanceUID];
    }
    return sendSTOREResponse(id, request, static_cast<Uint16>(status.load()));
  }

  // At the level of images, by all three unique keys, and at that of studies.
  OFCondition AnswerQuery(T_DIMSE_C_FindRQ& request, T_ASC_PresentationContextID id) {
    DcmDataset* received = nullptr;
    const OFCondition got = receiveFINDRequest(request, id, received);
    const std::unique_ptr<DcmDataset> keys(received);
    if (got.bad()) return got;
    ++queries_;
    OFString level, study, series, instance;
    keys->findAndGetOFString(DCM_QueryRetrieveLevel, level);
    keys->findAndGetOFString(DCM_StudyInstanceUID, study);
    keys->findAndGetOFString(DCM_SeriesInstanceUID, series);
    keys->findAndGetOFString(DCM_SOPInstanceUID, instance);
    if (level == "IMAGE" && study == "1.2.3" && series == "1.2.3.4" && finds_what_it_has &&
        Stored().contains(instance.c_str()))
      (void)sendFINDResponse(id, request.MessageID, request.AffectedSOPClassUID, keys.get(),
                             STATUS_FIND_Pending_MatchesAreContinuing);
    if (level == "STUDY" && study == "1.2.3" && study_instances >= 0) {
      const std::string number = supports_number ? std::to_string(study_instances) : "";
      (void)keys->putAndInsertString(DCM_NumberOfStudyRelatedInstances, number.c_str());
      (void)sendFINDResponse(id, request.MessageID, request.AffectedSOPClassUID, keys.get(),
                             supports_number ? STATUS_FIND_Pending_MatchesAreContinuing
                                             : STATUS_FIND_Pending_WarningUnsupportedOptionalKeys);
    }
    return sendFINDResponse(id, request.MessageID, request.AffectedSOPClassUID, nullptr,
                            static_cast<Uint16>(query_status.load()));
  }

  OFCondition TakeRequest(T_DIMSE_N_ActionRQ& request, T_ASC_PresentationContextID id) {
    DcmDataset* received = nullptr;
    Uint16 action = 0;
    const OFCondition got = receiveACTIONRequest(request, id, received, action);
    std::unique_ptr<DcmDataset> data_set(received);
    if (got.bad()) return got;
    {
      const std::lock_guard lock(mutex_);
      ++requests_;
    }
    const OFCondition answered = sendACTIONResponse(id, request.MessageID, request.RequestedSOPClassUID,
                                                    request.RequestedSOPInstanceUID, STATUS_Success);
    if (answered.bad() || reports_ == Reports::kNever) return answered;
    event_ = keeps_all ? 1 : 2;
    if (!keeps_all) {  // PS3.4 J.3.3: what failed has a sequence of its own
      DcmSequenceOfItems* sequence = nullptr;
      (void)data_set->findAndGetSequence(DCM_ReferencedSOPSequence, sequence);
      DcmItem* item = sequence->remove(0UL);
      (void)item->putAndInsertUint16(DCM_FailureReason, 0x0112);
      (void)data_set->insertSequenceItem(DCM_FailedSOPSequence, item);
    }
    if (reports_ == Reports::kNewAssociation) {
      to_report_ = std::move(data_set);
      return answered;
    }
    Uint16 answer = 0;
    return sendEVENTREPORTRequest(id, UID_StorageCommitmentPushModelSOPInstance, 77, static_cast<Uint16>(event_),
                                  data_set.get(), answer);
  }

  // On an association of our own, as the provider of the service.
  void ReportLater() {
    if (!to_report_) return;
    const std::unique_ptr<DcmDataset> data_set = std::move(to_report_);
    DcmSCU peer;
    OFList<OFString> syntaxes;
    syntaxes.push_back(UID_LittleEndianExplicitTransferSyntax);
    (void)peer.addPresentationContext(UID_StorageCommitmentPushModelSOPClass, syntaxes, ASC_SC_ROLE_SCP);
    peer.setAETitle("PACS");
    peer.setPeerAETitle("DINSD");
    peer.setPeerHostName("127.0.0.1");
    peer.setPeerPort(static_cast<Uint16>(report_port.load()));
    if (peer.initNetwork().bad() || peer.negotiateAssociation().bad()) return;
    const T_ASC_PresentationContextID id = peer.findPresentationContextID(
        UID_StorageCommitmentPushModelSOPClass, UID_LittleEndianExplicitTransferSyntax, ASC_SC_ROLE_SCP);
    Uint16 answer = 0xFFFF;
    if (id != 0)
      (void)peer.sendEVENTREPORTRequest(id, UID_StorageCommitmentPushModelSOPInstance, static_cast<Uint16>(event_),
                                        data_set.get(), answer);
    (void)peer.releaseAssociation();
    last_report_answer = answer;
  }

 public:
  std::atomic<int> last_report_answer = -1;  // status; -1 = none was sent, 0xFFFF = it was not accepted

 private:
  Reports reports_;
  int port_;
  int objects_ = 0;
  int event_ = 1;
  std::unique_ptr<DcmDataset> to_report_;
  std::atomic<bool> is_ending_ = false;
  mutable std::mutex mutex_;
  std::map<std::string, int> stored_;
  int requests_ = 0;
  std::atomic<int> queries_ = 0;
  std::thread thread_;
};

}  // namespace dinsd
