#pragma once

namespace dinsd {

/// How a study is followed from its patient's earlier ones.
struct FollowUpOptions {
  bool propose = true;  // a study without clicks gets clicks from its prior's mask, for a person to verify

  friend bool operator==(const FollowUpOptions&, const FollowUpOptions&) = default;
};

}  // namespace dinsd
