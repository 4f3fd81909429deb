#pragma once

#include <string>

#include "config/settings.h"
#include "daemon/log/log.h"

namespace dinsd {

/// What the parent tells a receiver at its start; the listening socket comes with it.
struct ReceiverOrder {
  ReceiverSettings settings;
  LogForm log_form = LogForm::kText;
  Severity least_severity = Severity::kInfo;
};

[[nodiscard]] std::string ReceiverOrderText(const ReceiverOrder& order);

/// Throws MessageError.
[[nodiscard]] ReceiverOrder ParseReceiverOrder(const std::string& text);

/// What the two say later.
enum class ReceiverWord {
  kReady,    // the receiver: it listens
  kRelieve,  // the receiver: it takes no more peers, another one has to
  kFinish,   // the parent: take no more peers, end when the last is done
};

[[nodiscard]] std::string ReceiverWordText(ReceiverWord word);

/// Throws MessageError.
[[nodiscard]] ReceiverWord ParseReceiverWord(const std::string& text);

}  // namespace dinsd
