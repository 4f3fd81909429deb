#pragma once

#include <nlohmann/json.hpp>

#include "daemon/messages/worker_messages.h"
#include "pipeline/import/import_options.h"

namespace dinsd {

// Which masks of others are taken, on its way to a child. The ...FromJson functions throw MessageError.

[[nodiscard]] nlohmann::json ImportOptionsToJson(const ImportOptions& options);
[[nodiscard]] ImportOptions ImportOptionsFromJson(const nlohmann::json& json);

[[nodiscard]] nlohmann::json ImportOrderToJson(const ImportOrder& order);
[[nodiscard]] ImportOrder ImportOrderFromJson(const nlohmann::json& json);

}  // namespace dinsd
