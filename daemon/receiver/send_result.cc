#include "daemon/receiver/send_result.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <set>
#include <stdexcept>

#include "daemon/receiver/commitment.h"
#include "daemon/receiver/find_instance.h"
#include "daemon/receiver/open_association.h"
#include "pipeline/read/dicom_prescan.h"
#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"

namespace dinsd {
namespace {

constexpr int kReportSeconds = 3;  // for a report on the same association; most peers make a new one
constexpr Uint16 kRequestCommitment = 1;

// How an order ends before its time.
struct Ended {
  SendEnd end;
  std::string code;
  std::string sentence;
};

struct Outgoing {
  std::filesystem::path path;
  std::string transfer_syntax;
  ObjectUids uids;
  std::string study_uid, series_uid;
};

std::string StatusText(int status) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "0x%04X", static_cast<unsigned>(status));
  return text.data();
}

// Any status but these means that the object was not taken (PS3.4 B.2.3).
bool IsStored(int status) {
  return status == 0 || (status & 0xF000) == 0xB000;
}

class Delivery {
 public:
  Delivery(const SendOrder& order, const std::filesystem::path& folder, const OutgoingSpool& spool)
      : order_(order), folder_(folder), spool_(spool) {}

  SendAnswer Run() {
    SendAnswer answer{order_.key, order_.attempt, SendEnd::kStored, {}, {}};
    try {
      Read();
      Connect();
      if (!order_.is_stored) Store();
      if (!order_.transaction_uid.empty()) Confirm();
    } catch (const Ended& ended) {
      answer.end = ended.end;
      answer.reason = {ended.code, "", "", ended.sentence};
    }
    if (is_connected_) (void)peer_.releaseAssociation();
    answer.objects = std::move(objects_);
    return answer;
  }

 private:
  void Read();
  void Connect();
  void OfferContexts();
  void Store();
  void StoreOne(std::size_t i);
  void Confirm();
  void LookForObjects();
  void AskForCommitment(T_ASC_PresentationContextID context);
  void AwaitReport();

  const SendOrder& order_;
  const std::filesystem::path& folder_;
  const OutgoingSpool& spool_;
  std::vector<Outgoing> outgoing_;
  std::vector<OutboxObject> objects_;
  std::unique_ptr<DcmTLSTransportLayer> layer_;  // outlives the peer
  TlsScu peer_;
  bool is_connected_ = false;
};

void Delivery::Read() {
  for (std::size_t i = 0; i < order_.files.size(); ++i) {
    const std::string name = std::to_string(i) + ".dcm";
    const std::string& file = order_.files[i].name;
    const std::vector<std::byte> bytes = ReadFileBytes(folder_, name, DicomPrescanLimits().max_file_bytes);
    if (Sha256Hex(bytes) != order_.files[i].sha256)
      throw Ended{SendEnd::kWrongResult, "RESULT_CHANGED", file + " has another digest than was published"};
    const DicomLayout layout = PrescanDicom(bytes, file);
    if (layout.error) throw Ended{SendEnd::kWrongResult, "RESULT_NO_DICOM", file + " is no DICOM object"};
    outgoing_.push_back({folder_ / name,
                         layout.transfer_syntax,
                         {layout.sop_class_uid, layout.sop_instance_uid},
                         layout.study_uid,
                         layout.series_uid});
    objects_.push_back({file, layout.sop_instance_uid, order_.is_stored ? std::optional<int>(0) : std::nullopt});
  }
}

void Delivery::OfferContexts() {
  std::set<std::pair<std::string, std::string>> kinds;
  for (const Outgoing& object : outgoing_) kinds.emplace(object.uids.sop_class, object.transfer_syntax);
  for (const auto& [sop_class, syntax] : kinds) {
    OFList<OFString> syntaxes;
    syntaxes.push_back(syntax.c_str());
    (void)peer_.addPresentationContext(sop_class.c_str(), syntaxes);
  }
  if (order_.transaction_uid.empty()) return;
  if (order_.confirm_by != ConfirmBy::kQuery) Propose(peer_, UID_StorageCommitmentPushModelSOPClass);
  if (order_.confirm_by != ConfirmBy::kCommitment) Propose(peer_, UID_FINDStudyRootQueryRetrieveInformationModel);
}

void Delivery::Connect() {
  OfferContexts();
  if (const std::optional<Reason> fault = OpenAssociation(peer_, layer_, order_.peer)) {
    if (fault->code == kNotAccepted)
      throw Ended{SendEnd::kRefused, kNotAccepted, "it takes none of the SOP classes of the result"};
    throw Ended{SendEnd::kUnreached, fault->code, fault->sentence};
  }
  is_connected_ = true;
}

void Delivery::Store() {
  for (std::size_t i = 0; i < outgoing_.size(); ++i) StoreOne(i);
  for (const OutboxObject& object : objects_) {
    if (!IsStored(*object.status))
      throw Ended{SendEnd::kRefused, "NOT_STORED", object.file + " was answered " + StatusText(*object.status)};
  }
}

void Delivery::StoreOne(std::size_t i) {
  const Outgoing& object = outgoing_[i];
  const T_ASC_PresentationContextID context =
      peer_.findPresentationContextID(object.uids.sop_class.c_str(), object.transfer_syntax.c_str());
  if (context == 0)
    throw Ended{SendEnd::kRefused, "NOT_ACCEPTED", "it does not take the SOP class of " + objects_[i].file};
  Uint16 status = 0;
  const OFCondition sent = peer_.sendSTORERequest(context, object.path.c_str(), nullptr, status);
  if (sent.bad()) {
    is_connected_ = false;
    (void)peer_.abortAssociation();
    throw Ended{SendEnd::kRefused, "BROKEN_OFF", "at " + objects_[i].file + ": " + WordsOf(sent)};
  }
  objects_[i].status = status;
}

void Delivery::Confirm() {
  const T_ASC_PresentationContextID commitment =
      order_.confirm_by == ConfirmBy::kQuery ? 0 : ContextOf(peer_, UID_StorageCommitmentPushModelSOPClass);
  if (commitment != 0) return AskForCommitment(commitment);
  if (order_.confirm_by == ConfirmBy::kCommitment)
    throw Ended{SendEnd::kUnasked, "COMMITMENT_NOT_ACCEPTED", "it stored the result, but takes no storage commitment"};
  LookForObjects();
}

// What it took just now it may not find yet: then nothing is said, and it is asked again later. What it does not find
// then it has to get again.
void Delivery::LookForObjects() {
  const T_ASC_PresentationContextID context = ContextOf(peer_, UID_FINDStudyRootQueryRetrieveInformationModel);
  if (context == 0)
    throw Ended{SendEnd::kUnasked, "QUERY_NOT_ACCEPTED", "it stored the result, but takes no queries (C-FIND)"};
  CommitmentReport report{order_.transaction_uid, {}, true};
  try {
    for (const Outgoing& object : outgoing_) {
      if (HasInstance(peer_, context, {object.study_uid, object.series_uid, object.uids.sop_instance}))
        report.kept.push_back(object.uids.sop_instance);
    }
  } catch (const std::runtime_error& error) {
    throw Ended{SendEnd::kUnasked, "QUERY_REFUSED",
                std::string("it stored the result, but answers no query: ") + error.what()};
  }
  if (order_.is_stored || report.kept.size() == outgoing_.size()) spool_.Report(CommitmentReportText(report));
}

void Delivery::AskForCommitment(T_ASC_PresentationContextID context) {
  std::vector<ObjectUids> uids;
  for (const Outgoing& object : outgoing_) uids.push_back(object.uids);
  DcmDataset request = CommitmentRequest(order_.transaction_uid, uids);
  Uint16 status = 0;
  const OFCondition asked =
      peer_.sendACTIONRequest(context, UID_StorageCommitmentPushModelSOPInstance, kRequestCommitment, &request, status);
  if (asked.bad() || status != 0) {
    const std::string why = asked.bad() ? WordsOf(asked) : "it answered " + StatusText(status);
    throw Ended{SendEnd::kUnasked, "COMMITMENT_REFUSED", "it stored the result, but not its commitment: " + why};
  }
  AwaitReport();
}

void Delivery::AwaitReport() {
  DcmDataset* received = nullptr;
  Uint16 event = 0;
  const OFCondition came = peer_.handleEVENTREPORTRequest(received, event, kReportSeconds);
  const std::unique_ptr<DcmDataset> data_set(received);
  if (came.bad() || !data_set) return;
  const std::optional<CommitmentReport> report = ReportOf(*data_set);
  if (report) spool_.Report(CommitmentReportText(*report));
}

}  // namespace

SendAnswer SendResult(const SendOrder& order, const std::filesystem::path& folder, const OutgoingSpool& spool) {
  return Delivery(order, folder, spool).Run();
}

}  // namespace dinsd
