#include "daemon/dins/dicom_peer.h"

#include <stdexcept>

namespace dinsd {
namespace {

constexpr int kTimeoutSeconds = 30;

}  // namespace

void FailDicom(const std::string& doing, const OFCondition& why) {
  throw std::runtime_error(doing + ": " + why.text());
}

void ConnectTo(TlsScu& scu, TlsLayer& layer, const DicomPeer& peer) {
  scu.setPeerHostName(peer.host.c_str());
  scu.setPeerPort(static_cast<Uint16>(peer.port));
  scu.setPeerAETitle(peer.called.c_str());
  scu.setAETitle(peer.calling.c_str());
  scu.setDIMSEBlockingMode(DIMSE_NONBLOCKING);
  scu.setDIMSETimeout(kTimeoutSeconds);
  scu.setACSETimeout(kTimeoutSeconds);
  scu.setConnectionTimeout(kTimeoutSeconds);
  scu.setMaxReceivePDULength(ASC_MAXIMUMPDUSIZE);
  const std::string where = peer.host + " port " + std::to_string(peer.port);
  if (const OFCondition made = scu.initNetwork(); made.bad()) FailDicom("network", made);
  if (peer.tls.enabled) {
    layer = MakeTlsLayer(peer.tls, NET_REQUESTOR, {"--tls-certificate", "--tls-key", "--tls-trusted"});
    if (const OFCondition made = scu.UseTls(*layer); made.bad()) FailDicom("TLS", made);
  }
  if (const OFCondition met = scu.negotiateAssociation(); met.bad()) FailDicom("no association with " + where, met);
}

}  // namespace dinsd
