#pragma once

#include <atomic>
#include <filesystem>
#include <list>
#include <string>
#include <thread>

#include "daemon/outgoing/outgoing_spool.h"
#include "daemon/process/unique_fd.h"

namespace dinsd {

/// Sends what the parent puts into the outgoing spool: `dinsd-receiver --send FOLDER`. It has no database and keeps
/// nothing in mind: an order without an answer is (again) sent.
///
///   thread    what runs on it
///   -------   -----------------------------------------------------------------------------------------------------
///   main      looks for orders
///   couriers  one for each destination that has one: sends it, answers
class Sender {
 public:
  /// Waits until no other sender has the spool. Throws std::system_error.
  explicit Sender(const std::filesystem::path& spool);
  ~Sender();
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  /// For ever, or until `parent` (-1 = none) is closed at its other end.
  void Run(int parent);

 private:
  struct Courier {
    std::string destination;
    std::string order;
    std::atomic<bool> is_over = false;
    std::thread thread;
  };

  void Look();
  void Begin(const std::string& name);
  void Serve(const std::string& name, const SendOrder& order) const;
  void DiscardDone();

  OutgoingSpool spool_;
  UniqueFd lock_;
  std::list<Courier> couriers_;
};

}  // namespace dinsd
