#pragma once

#include <string>
#include <vector>

#include "daemon/outgoing/outgoing_spool.h"
#include "daemon/service/context.h"
#include "daemon/service/parcel.h"
#include "daemon/service/sender_slot.h"

namespace dinsd {

/// Has results sent: offers what was published to the destinations, hands to the sender (or writes to a folder) what
/// the outbox says is due, and records what came of it. A result is only handed over while its folder has the digests
/// with which it was published. Not thread-safe.
class Sending {
 public:
  explicit Sending(ServiceContext& context);

  /// Takes the destinations from the settings: at start and after a reload.
  void Configure();

  /// Decides where what was published goes, by the destinations that there are: also before others are taken.
  void OfferNew();

  /// Does whatever is due; to be called every second or so.
  void Tick();

  void Stop();

  /// What a person should know, or nothing: counts of what is not sent and who cannot be reached.
  [[nodiscard]] std::string Words();

  /// A person has a result sent (again): the newest revision of a job, or `revision`. Throws std::runtime_error with a
  /// sentence.
  void SendNow(JobId job, std::int64_t revision, const std::string& destination);

 private:
  void HandBackLost();
  void TakeAnswers();
  void TakeReports();
  void SettleOverdue();
  void BeginDue();
  void BeginOne(const DestinationSettings& destination, const OutboxEntry& entry);
  void HandOver(const DestinationSettings& destination, const OutboxEntry& entry, const Parcel& parcel,
                const std::filesystem::path& result);
  void Record(const SendAnswer& answer);
  [[nodiscard]] const DestinationSettings* FindDestination(const std::string& name) const;
  [[nodiscard]] OutboxOptions OptionsOf(const std::string& name) const;

  ServiceContext& context_;
  OutgoingSpool spool_;
  SenderSlot sender_;
  bool has_spool_ = false;
};

}  // namespace dinsd
