#pragma once

#include <string>

#include "daemon/dins/dicom_peer.h"

namespace dinsd {

enum class QueryLevel { kStudy, kSeries, kImage };

/// What a person asks a peer for (C-FIND, study root); what is empty matches everything.
struct DicomQuery {
  QueryLevel level = QueryLevel::kStudy;
  std::string patient_id;
  std::string study_date;  // YYYYMMDD, or a range YYYYMMDD-YYYYMMDD
  std::string accession;
  std::string study_uid;   // needed below the level of studies
  std::string series_uid;  // needed at that of images
  std::string instance_uid;
  bool as_json = false;
};

/// Asks and prints: a line each, or JSON. Throws std::runtime_error.
void QueryPeer(const DicomPeer& peer, const DicomQuery& query);

}  // namespace dinsd
