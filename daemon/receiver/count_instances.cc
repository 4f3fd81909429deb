#include "daemon/receiver/count_instances.h"

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>

#include "daemon/peer/find.h"
#include "daemon/receiver/open_association.h"

namespace dinsd {
namespace {

CountAnswer Unknown(const std::string& code, const std::string& sentence) {
  return {std::nullopt, {code, "", "", sentence}};
}

CountAnswer NoQueries() {
  return Unknown("QUERY_NOT_ACCEPTED", "it takes no queries (C-FIND, study root)");
}

DcmDataset KeysOf(const std::string& study_uid) {
  DcmDataset keys;
  (void)keys.putAndInsertString(DCM_QueryRetrieveLevel, "STUDY");
  (void)keys.putAndInsertString(DCM_StudyInstanceUID, study_uid.c_str());
  (void)keys.putAndInsertString(DCM_NumberOfStudyRelatedInstances, "");
  return keys;
}

bool Names(DcmDataset& match, const std::string& study_uid) {
  OFString uid;
  return match.findAndGetOFString(DCM_StudyInstanceUID, uid).good() && uid == study_uid.c_str();
}

CountAnswer LargestOf(const std::vector<std::unique_ptr<DcmDataset>>& matches, const std::string& study_uid) {
  CountAnswer answer = Unknown("STUDY_UNKNOWN", "it names no such study");
  for (const auto& match : matches) {
    if (!Names(*match, study_uid)) continue;
    if (!answer.instances) answer = Unknown("NO_NUMBER", "it does not say how many instances it has of the study");
    Sint32 number = -1;
    if (match->findAndGetSint32(DCM_NumberOfStudyRelatedInstances, number).bad() || number < 0) continue;
    answer = {std::max<std::int64_t>(number, answer.instances.value_or(0)), {}};
  }
  return answer;
}

CountAnswer Ask(TlsScu& peer, const std::string& study_uid) {
  const T_ASC_PresentationContextID context = ContextOf(peer, UID_FINDStudyRootQueryRetrieveInformationModel);
  if (context == 0) return NoQueries();
  DcmDataset keys = KeysOf(study_uid);
  try {
    return LargestOf(Find(peer, context, keys), study_uid);
  } catch (const std::runtime_error& error) {
    return Unknown("QUERY_REFUSED", std::string("it answers no query: ") + error.what());
  }
}

}  // namespace

// Verification is proposed as well: many peers reject an association that would have no presentation context, which
// does not say why.
CountAnswer CountInstances(const CountQuestion& question) {
  std::unique_ptr<DcmTLSTransportLayer> layer;  // outlives the peer
  TlsScu peer;
  Propose(peer, UID_VerificationSOPClass);
  Propose(peer, UID_FINDStudyRootQueryRetrieveInformationModel);
  if (const std::optional<Reason> fault = OpenAssociation(peer, layer, question.peer)) {
    if (fault->code == kNotAccepted) return NoQueries();
    return {std::nullopt, *fault};
  }
  CountAnswer answer = Ask(peer, question.study_uid);
  (void)peer.releaseAssociation();
  return answer;
}

}  // namespace dinsd
