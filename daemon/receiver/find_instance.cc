#include "daemon/receiver/find_instance.h"

#include <dcmtk/dcmdata/dcdeftag.h>

#include <array>
#include <cstdio>
#include <stdexcept>

namespace dinsd {
namespace {

struct Responses {
  OFList<QRResponse*> list;
  Responses() = default;
  Responses(const Responses&) = delete;
  Responses& operator=(const Responses&) = delete;
  ~Responses() {
    for (QRResponse* response : list) delete response;
  }
};

bool IsMatch(const QRResponse& response) {
  return response.m_status == STATUS_FIND_Pending_MatchesAreContinuing ||
         response.m_status == STATUS_FIND_Pending_WarningUnsupportedOptionalKeys;
}

DcmDataset QuestionOf(const ObjectPlace& place) {
  DcmDataset keys;
  (void)keys.putAndInsertString(DCM_QueryRetrieveLevel, "IMAGE");
  (void)keys.putAndInsertString(DCM_StudyInstanceUID, place.study_uid.c_str());
  (void)keys.putAndInsertString(DCM_SeriesInstanceUID, place.series_uid.c_str());
  (void)keys.putAndInsertString(DCM_SOPInstanceUID, place.instance_uid.c_str());
  return keys;
}

}  // namespace

bool HasInstance(DcmSCU& peer, T_ASC_PresentationContextID context, const ObjectPlace& place) {
  DcmDataset keys = QuestionOf(place);
  Responses responses;
  const OFCondition asked = peer.sendFINDRequest(context, &keys, &responses.list);
  if (asked.bad()) throw std::runtime_error(asked.text());
  bool is_there = false;
  for (QRResponse* response : responses.list) {
    OFString instance;
    if (IsMatch(*response)) {
      const bool is_named = response->m_dataset != nullptr &&
                            response->m_dataset->findAndGetOFString(DCM_SOPInstanceUID, instance).good();
      is_there = is_there || (is_named && instance == place.instance_uid.c_str());
    } else if (response->m_status != STATUS_Success) {
      std::array<char, 8> status{};
      (void)std::snprintf(status.data(), status.size(), "0x%04X", response->m_status);
      throw std::runtime_error(std::string("it answered ") + status.data());
    }
  }
  return is_there;
}

}  // namespace dinsd
