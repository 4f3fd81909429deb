#include "daemon/messages/peer_address.h"

#include "daemon/messages/message_fields.h"
#include "daemon/messages/tls_json.h"

namespace dinsd {

PeerAddress AddressOf(const DestinationSettings& destination) {
  return {destination.host, destination.port,          destination.called_ae_title, destination.calling_ae_title,
          destination.tls,  destination.connect_limit, destination.acse_limit,      destination.dimse_limit};
}

nlohmann::json PeerToJson(const PeerAddress& peer) {
  return {{"host", peer.host},
          {"port", peer.port},
          {"called_ae_title", peer.called_ae_title},
          {"calling_ae_title", peer.calling_ae_title},
          {"tls", TlsToJson(peer.tls)},
          {"connect_seconds", peer.connect_limit.count()},
          {"acse_seconds", peer.acse_limit.count()},
          {"dimse_seconds", peer.dimse_limit.count()}};
}

PeerAddress PeerFromJson(const nlohmann::json& object) {
  MessageFields fields(object, "peer");
  const auto seconds = [&](const char* name) { return std::chrono::seconds(fields.Integer(name, 1, INT32_MAX)); };
  PeerAddress peer;
  peer.host = fields.String("host", 255);
  peer.port = static_cast<int>(fields.Integer("port", 1, 65535));
  peer.called_ae_title = fields.String("called_ae_title", 16);
  peer.calling_ae_title = fields.String("calling_ae_title", 16);
  peer.tls = TlsFromJson(fields.Object("tls"), "tls");
  peer.connect_limit = seconds("connect_seconds");
  peer.acse_limit = seconds("acse_seconds");
  peer.dimse_limit = seconds("dimse_seconds");
  fields.Done();
  return peer;
}

}  // namespace dinsd
