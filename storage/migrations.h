#pragma once

#include <span>

namespace dinsd {

/// One step of the schema: storage/migrations/NNNN_name.sql, built into the program. A step that was released is never
/// edited.
struct Migration {
  int version;  // PRAGMA user_version after it
  const char* name;
  const char* sql;
};

/// All steps, from version 1 on without a gap.
[[nodiscard]] std::span<const Migration> Migrations();

}  // namespace dinsd
