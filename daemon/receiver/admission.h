#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "config/ip_prefix.h"
#include "config/settings.h"

namespace dinsd {

/// Who may have an association, and how many at a time. Thread-safe.
class Admission {
 public:
  explicit Admission(const ReceiverSettings& settings);

  /// A place among the associations; it is given back when this is destroyed.
  class Place {
   public:
    Place(Admission& admission, const IpAddress& address) : admission_(admission), address_(address) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place();

    /// Counts it for a calling AE title as well; false if that has as many as it may.
    [[nodiscard]] bool TakeTitle(const std::string& title);

   private:
    Admission& admission_;
    IpAddress address_;
    std::string title_;
  };

  [[nodiscard]] bool IsKnownAddress(const IpAddress& address) const;
  [[nodiscard]] bool IsKnownTitle(const std::string& calling) const;

  /// Whether it may send objects, and not only ask whether we answer.
  [[nodiscard]] bool MayStore(const std::string& calling) const;

  /// Nothing if there are as many as there may be, in all or from this address.
  [[nodiscard]] std::unique_ptr<Place> Enter(const IpAddress& address);

 private:
  const ReceiverSettings& settings_;
  std::vector<IpPrefix> peers_;
  std::mutex mutex_;
  int all_ = 0;
  std::map<IpAddress, int> by_address_;
  std::map<std::string, int> by_title_;
};

}  // namespace dinsd
