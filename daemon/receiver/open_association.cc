#include "daemon/receiver/open_association.h"

#include <dcmtk/dcmdata/dcuid.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace dinsd {
namespace {

constexpr std::size_t kMostWords = 200;
constexpr std::array<const char*, 2> kPlainSyntaxes = {UID_LittleEndianExplicitTransferSyntax,
                                                       UID_LittleEndianImplicitTransferSyntax};

void NameEnds(TlsScu& peer, const PeerAddress& address) {
  peer.setPeerHostName(address.host.c_str());
  peer.setPeerPort(static_cast<Uint16>(address.port));
  peer.setPeerAETitle(address.called_ae_title.c_str());
  peer.setAETitle(address.calling_ae_title.c_str());
  peer.setDIMSEBlockingMode(DIMSE_NONBLOCKING);
  peer.setDIMSETimeout(static_cast<Uint32>(address.dimse_limit.count()));
  peer.setACSETimeout(static_cast<Uint32>(address.acse_limit.count()));
  peer.setConnectionTimeout(static_cast<Sint32>(address.connect_limit.count()));
  peer.setMaxReceivePDULength(ASC_MAXIMUMPDUSIZE);
}

}  // namespace

std::optional<Reason> OpenAssociation(TlsScu& peer, std::unique_ptr<DcmTLSTransportLayer>& layer,
                                      const PeerAddress& address) {
  NameEnds(peer, address);
  OFCondition met = peer.initNetwork();
  if (met.good() && address.tls.enabled) {
    try {
      layer = MakeTlsLayer(address.tls, NET_REQUESTOR, kDestinationTlsNames);
    } catch (const std::runtime_error& error) {
      return Reason{kTlsFiles, "", "", error.what()};
    }
    met = peer.UseTls(*layer);
  }
  if (met.good()) met = peer.negotiateAssociation();
  if (met.good()) return std::nullopt;
  if (met == NET_EC_NoAcceptablePresentationContexts) return Reason{kNotAccepted, "", "", WordsOf(met)};
  return Reason{kNotReached, "", "", (address.tls.enabled ? "by TLS: " : "") + WordsOf(met)};
}

T_ASC_PresentationContextID ContextOf(TlsScu& peer, const char* sop_class) {
  for (const char* syntax : kPlainSyntaxes) {
    const T_ASC_PresentationContextID context = peer.findPresentationContextID(sop_class, syntax);
    if (context != 0) return context;
  }
  return 0;
}

void Propose(TlsScu& peer, const char* sop_class) {
  OFList<OFString> syntaxes;
  for (const char* syntax : kPlainSyntaxes) syntaxes.push_back(syntax);
  (void)peer.addPresentationContext(sop_class, syntaxes);
}

std::string WordsOf(const OFCondition& condition) {
  std::string words = condition.text();
  std::replace_if(
      words.begin(), words.end(), [](unsigned char c) { return c < ' ' || c > '~'; }, ' ');
  return words.substr(0, kMostWords);
}

}  // namespace dinsd
