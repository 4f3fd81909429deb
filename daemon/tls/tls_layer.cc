#include "daemon/tls/tls_layer.h"

#include <stdexcept>
#include <string>
#include <vector>

namespace dinsd {
namespace {

void Must(const OFCondition& done, const std::string& doing) {
  if (done.bad()) throw std::runtime_error("TLS: " + doing + ": " + done.text());
}

}  // namespace

std::unique_ptr<DcmTLSTransportLayer> MakeTlsLayer(const TlsSettings& tls, T_ASC_NetworkRole role,
                                                   const TlsNames& names) {
  const std::vector<std::string> faults = TlsFaults(tls, names);
  if (!faults.empty()) throw std::runtime_error("TLS: " + faults.front());
  auto layer = std::make_unique<DcmTLSTransportLayer>(role, nullptr, OFTrue);
  layer->setPrivateKeyPasswd("");  // never asks at a terminal
  Must(layer->setTLSProfile(TSP_Profile_BCP195_ND), "profile");
  Must(layer->activateCipherSuites(), "cipher suites");
  Must(layer->setPrivateKeyFile(tls.key.c_str(), DCF_Filetype_PEM), tls.key.string());
  Must(layer->setCertificateFile(tls.certificate.c_str(), DCF_Filetype_PEM), tls.certificate.string());
  Must(layer->addTrustedCertificateFile(tls.trusted.c_str(), DCF_Filetype_PEM), tls.trusted.string());
  layer->setCertificateVerification(DCV_requireCertificate);
  return layer;
}

}  // namespace dinsd
