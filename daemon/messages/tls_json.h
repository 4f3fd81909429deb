#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "config/tls_settings.h"

namespace dinsd {

[[nodiscard]] nlohmann::json TlsToJson(const TlsSettings& tls);

/// `name` is that of the field. Throws MessageError.
[[nodiscard]] TlsSettings TlsFromJson(const nlohmann::json& object, const std::string& name);

}  // namespace dinsd
