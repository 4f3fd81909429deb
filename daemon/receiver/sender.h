#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <list>
#include <string>
#include <thread>

#include "daemon/outgoing/outgoing_spool.h"
#include "daemon/process/unique_fd.h"

namespace dinsd {

/// Sends what the parent puts into the outgoing spool, and asks its questions: `dinsd-receiver --send FOLDER`. It has
/// no database and keeps nothing in mind: an order without an answer is (again) sent, a question asked.
///
///   thread    what runs on it
///   -------   -----------------------------------------------------------------------------------------------------
///   main      looks for orders and questions
///   couriers  one for each destination that has an order: sends it, answers; one for each question, however long an
///             order to the same peer takes (the parent has one question to a peer at a time)
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
    std::string destination;  // of an order; empty = a question
    std::string name;         // of the order or question
    std::atomic<bool> is_over = false;
    std::thread thread;
  };

  void LookForOrders();
  void LookForQuestions();
  void Begin(const std::string& name);
  void Start(const std::string& destination, const std::string& name, const std::function<void()>& serve);
  [[nodiscard]] bool IsBegun(const std::string& name) const;
  void Serve(const std::string& name, const SendOrder& order) const;
  void Reply(const std::string& name, const std::string& text) const;
  void DiscardDone();

  OutgoingSpool spool_;
  UniqueFd lock_;
  std::list<Courier> couriers_;
};

}  // namespace dinsd
