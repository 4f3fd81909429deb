#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "config/destination_settings.h"

namespace dinsd {

/// A DICOM peer as the sender needs it: where it is, how both ends are called, and how long it may take.
struct PeerAddress {
  std::string host;
  int port = 0;
  std::string called_ae_title;
  std::string calling_ae_title;
  TlsSettings tls;
  std::chrono::seconds connect_limit{10};
  std::chrono::seconds acse_limit{30};
  std::chrono::seconds dimse_limit{60};

  friend bool operator==(const PeerAddress&, const PeerAddress&) = default;
};

[[nodiscard]] PeerAddress AddressOf(const DestinationSettings& destination);

[[nodiscard]] nlohmann::json PeerToJson(const PeerAddress& peer);

/// Throws MessageError.
[[nodiscard]] PeerAddress PeerFromJson(const nlohmann::json& object);

}  // namespace dinsd
