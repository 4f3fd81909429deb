#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "daemon/process/unique_fd.h"

namespace dinsd {

/// The largest message that either end accepts: a reader's account of a study with tens of thousands of instances.
inline constexpr std::size_t kMaxMessageBytes = std::size_t{64} << 20;

/// One message between the parent and a child: text (JSON), and for a job the descriptor of its study folder.
struct Message {
  std::string text;
  UniqueFd folder;
};

/// Sends `text` over the stream socket `socket` as a 4-byte little-endian length and the bytes; `folder` (-1 = none)
/// travels with the first byte. Blocks until all is sent. Throws std::system_error when the peer is gone (EPIPE) and
/// std::length_error over kMaxMessageBytes.
void SendMessage(int socket, const std::string& text, int folder = -1);

/// Waits for the next message; nothing when the peer closed between two messages. Throws std::runtime_error on a
/// message that is cut off or announces more than kMaxMessageBytes. For the children; the parent uses MessageBuffer.
[[nodiscard]] std::optional<Message> ReceiveMessage(int socket);

/// Puts messages together from whatever bytes a non-blocking socket has, so that a slow or hostile child never blocks
/// the parent. Not thread-safe.
class MessageBuffer {
 public:
  enum class State { kOpen, kClosed };

  /// Reads what there is; complete messages are appended to `out` (their descriptors are refused: children send none).
  /// Throws std::runtime_error on a broken frame.
  State ReadAvailable(int socket, std::vector<std::string>& out);

 private:
  void TakeMessages(std::vector<std::string>& out);

  std::string bytes_;
};

/// Messages that wait until a non-blocking socket takes them, so that a child that does not read never blocks the
/// parent. Not thread-safe.
class MessageOutbox {
 public:
  /// `folder` is closed once it was sent. Throws std::length_error over kMaxMessageBytes.
  void Add(const std::string& text, UniqueFd folder = UniqueFd());

  /// Sends what the socket takes now; true when nothing is left. Throws std::system_error when the peer is gone.
  bool Flush(int socket);

 private:
  struct Waiting {
    std::string frame;
    UniqueFd folder;
  };

  std::deque<Waiting> waiting_;
  std::size_t sent_ = 0;  // bytes of the first
};

}  // namespace dinsd
