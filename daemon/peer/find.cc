#include "daemon/peer/find.h"

#include <array>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <utility>

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

}  // namespace

std::vector<std::unique_ptr<DcmDataset>> Find(DcmSCU& peer, T_ASC_PresentationContextID context, DcmDataset& keys) {
  Responses responses;
  const OFCondition asked = peer.sendFINDRequest(context, &keys, &responses.list);
  if (asked.bad()) throw std::runtime_error(asked.text());
  std::vector<std::unique_ptr<DcmDataset>> matches;
  for (QRResponse* response : responses.list) {
    if (IsMatch(*response)) {
      std::unique_ptr<DcmDataset> match(std::exchange(response->m_dataset, nullptr));
      if (match) matches.push_back(std::move(match));
    } else if (response->m_status != STATUS_Success) {
      std::array<char, 8> status{};
      (void)std::snprintf(status.data(), status.size(), "0x%04X", response->m_status);
      throw std::runtime_error(std::string("it answered ") + status.data());
    }
  }
  return matches;
}

}  // namespace dinsd
