#include "daemon/receiver/find_instance.h"

#include <dcmtk/dcmdata/dcdeftag.h>

#include <algorithm>

#include "daemon/peer/find.h"

namespace dinsd {
namespace {

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
  const auto matches = Find(peer, context, keys);
  return std::any_of(matches.begin(), matches.end(), [&](const auto& match) {
    OFString instance;
    return match->findAndGetOFString(DCM_SOPInstanceUID, instance).good() && instance == place.instance_uid.c_str();
  });
}

}  // namespace dinsd
