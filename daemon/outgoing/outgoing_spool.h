#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "daemon/messages/sender_messages.h"

namespace dinsd {

/// The folder through which the parent, which has no network, has results sent and peers asked:
///
///   orders/NAME/         one attempt, whole or absent: order.json, 0.dcm, 1.dcm, ...; the parent makes and removes it
///   answers/NAME.json    what became of it; the sender's
///   reports/RANDOM.json  reports on storage commitment; the sender's and the receiver's
///   questions/NAME.json  how many instances a peer has of a study; the parent makes and removes it
///   counts/NAME.json     the answer to that; the sender's
///
/// All of it may be lost or be there twice: the outbox knows which attempt counts, and who asked knows the questions'
/// names. Not thread-safe.
class OutgoingSpool {
 public:
  explicit OutgoingSpool(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Makes the folders. Throws std::filesystem::filesystem_error.
  void Make() const;

  /// Puts an order and its files, from the result folder `result`, whose bytes must have the digests of the order.
  /// False where they do not. Throws std::system_error.
  [[nodiscard]] bool Put(const SendOrder& order, const std::filesystem::path& result) const;

  [[nodiscard]] bool HasOrder(const std::string& name) const;
  [[nodiscard]] bool HasAnswer(const std::string& name) const;
  [[nodiscard]] std::filesystem::path OrderFolder(const std::string& name) const { return folder_ / "orders" / name; }

  /// Names of orders, in no order.
  [[nodiscard]] std::vector<std::string> Orders() const;

  /// Removes an order and its answer.
  void Remove(const std::string& name) const;

  /// A message that lies in the spool: its file, to be removed once it is recorded, and its text.
  struct Letter {
    std::filesystem::path file;
    std::string text;
  };
  [[nodiscard]] std::vector<Letter> Answers() const;
  [[nodiscard]] std::vector<Letter> Reports() const;

  /// Puts a question under a name that none had before. Throws std::system_error.
  void Ask(const std::string& name, const std::string& text) const;
  [[nodiscard]] std::vector<Letter> Questions() const;
  [[nodiscard]] bool HasCount(const std::string& name) const;
  [[nodiscard]] std::vector<Letter> Counts() const;

  /// Removes a question and its answer.
  void RemoveQuestion(const std::string& name) const;

  /// For the sender and the receiver: returns when it is on the disk. Throw std::system_error.
  void Answer(const std::string& name, const std::string& text) const;
  void Count(const std::string& name, const std::string& text) const;
  void Report(const std::string& text) const;

 private:
  [[nodiscard]] static std::vector<Letter> LettersIn(const std::filesystem::path& folder);

  std::filesystem::path folder_;
};

}  // namespace dinsd
