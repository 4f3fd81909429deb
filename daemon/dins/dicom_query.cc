#include "daemon/dins/dicom_query.h"

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

#include "daemon/peer/find.h"
#include "daemon/queue_view/view_text.h"

namespace dinsd {
namespace {

// An attribute of an answer: its tag, the column it is shown in, and what it has to match.
struct QueryKey {
  DcmTagKey tag;
  const char* name;
  std::string value;
};

const char* LevelWord(QueryLevel level) {
  if (level == QueryLevel::kStudy) return "STUDY";
  return level == QueryLevel::kSeries ? "SERIES" : "IMAGE";
}

// The keys above the level are its unique ones alone (PS3.4 C.6.2).
std::vector<QueryKey> KeysOf(const DicomQuery& query) {
  switch (query.level) {
    case QueryLevel::kStudy:
      return {{DCM_StudyInstanceUID, "study", query.study_uid},    {DCM_PatientID, "patient_id", query.patient_id},
              {DCM_StudyDate, "study_date", query.study_date},     {DCM_AccessionNumber, "accession", query.accession},
              {DCM_ModalitiesInStudy, "modalities", ""},           {DCM_StudyDescription, "description", ""},
              {DCM_NumberOfStudyRelatedInstances, "instances", ""}};
    case QueryLevel::kSeries:
      return {{DCM_StudyInstanceUID, "study", query.study_uid},
              {DCM_SeriesInstanceUID, "series", query.series_uid},
              {DCM_Modality, "modality", ""},
              {DCM_SeriesDescription, "description", ""},
              {DCM_NumberOfSeriesRelatedInstances, "instances", ""}};
    case QueryLevel::kImage:
      break;
  }
  return {{DCM_StudyInstanceUID, "study", query.study_uid},
          {DCM_SeriesInstanceUID, "series", query.series_uid},
          {DCM_SOPInstanceUID, "instance", query.instance_uid},
          {DCM_SOPClassUID, "sop_class", ""},
          {DCM_InstanceNumber, "number", ""}};
}

void CheckLevel(const DicomQuery& query) {
  if (query.level != QueryLevel::kStudy && query.study_uid.empty())
    throw std::runtime_error("--study is needed to ask for series and images");
  if (query.level == QueryLevel::kImage && query.series_uid.empty())
    throw std::runtime_error("--series is needed to ask for images");
}

nlohmann::json ToJson(DcmDataset& found, const std::vector<QueryKey>& keys) {
  nlohmann::json row = nlohmann::json::object();
  for (const QueryKey& key : keys) {
    OFString value;
    (void)found.findAndGetOFStringArray(key.tag, value);
    row[key.name] = value.c_str();
  }
  return row;
}

nlohmann::json Ask(DcmSCU& scu, const std::vector<QueryKey>& keys, QueryLevel level) {
  DcmDataset request;
  (void)request.putAndInsertString(DCM_QueryRetrieveLevel, LevelWord(level));
  for (const QueryKey& key : keys) {
    if (request.putAndInsertString(key.tag, key.value.c_str()).bad())
      throw std::runtime_error(std::string("not possible for ") + key.name + ": '" + key.value + "'");
  }
  const T_ASC_PresentationContextID context =
      scu.findPresentationContextID(UID_FINDStudyRootQueryRetrieveInformationModel, "");
  if (context == 0) throw std::runtime_error("the peer takes no queries (C-FIND, study root)");
  nlohmann::json rows = nlohmann::json::array();
  try {
    for (const std::unique_ptr<DcmDataset>& found : Find(scu, context, request)) rows.push_back(ToJson(*found, keys));
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(std::string("the peer answers no query (C-FIND): ") + error.what());
  }
  return rows;
}

std::string InWords(const nlohmann::json& rows, const std::vector<QueryKey>& keys) {
  std::vector<std::vector<std::string>> table(1);
  for (const QueryKey& key : keys) table.front().emplace_back(key.name);
  for (const nlohmann::json& row : rows) {
    table.emplace_back();
    for (const QueryKey& key : keys) table.back().push_back(ViewText(row, key.name));
  }
  return ViewTable(table) + std::to_string(rows.size()) + " found\n";
}

}  // namespace

void QueryPeer(const DicomPeer& peer, const DicomQuery& query) {
  CheckLevel(query);
  TlsLayer layer;
  TlsScu scu;
  OFList<OFString> syntaxes;
  syntaxes.push_back(UID_LittleEndianExplicitTransferSyntax);
  syntaxes.push_back(UID_LittleEndianImplicitTransferSyntax);
  (void)scu.addPresentationContext(UID_FINDStudyRootQueryRetrieveInformationModel, syntaxes);
  ConnectTo(scu, layer, peer);
  const std::vector<QueryKey> keys = KeysOf(query);
  const nlohmann::json rows = Ask(scu, keys, query.level);
  (void)scu.releaseAssociation();
  const std::string text =
      query.as_json ? rows.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n" : InWords(rows, keys);
  std::fputs(text.c_str(), stdout);
}

}  // namespace dinsd
