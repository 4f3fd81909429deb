#include "daemon/process/message_channel.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace dinsd {
namespace {

constexpr std::size_t kLengthBytes = 4;

[[noreturn]] void ThrowErrno(const char* doing) {
  throw std::system_error(errno, std::generic_category(), doing);
}

std::string Frame(const std::string& text) {
  if (text.size() > kMaxMessageBytes) throw std::length_error("message of " + std::to_string(text.size()) + " bytes");
  const auto length = static_cast<std::uint32_t>(text.size());
  std::string frame;
  for (unsigned shift = 0; shift < 32; shift += 8) frame.push_back(static_cast<char>(length >> shift & 0xFF));
  return frame + text;
}

std::size_t FramedLength(const char* bytes) {
  std::uint32_t length = 0;
  for (unsigned i = 0; i < kLengthBytes; ++i) {
    length |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << 8 * i;
  }
  if (length > kMaxMessageBytes) throw std::runtime_error("message announces " + std::to_string(length) + " bytes");
  return length;
}

ssize_t SendSome(int socket, const char* data, std::size_t size, int folder, int flags = 0) {
  iovec part{const_cast<char*>(data), size};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  if (folder >= 0) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(rights), &folder, sizeof(int));
  }
  return ::sendmsg(socket, &header, MSG_NOSIGNAL | flags);
}

// Fills `data`; keeps a descriptor that comes along. False when the peer closed before the first byte.
bool ReceiveAll(int socket, char* data, std::size_t size, UniqueFd& folder) {
  std::size_t done = 0;
  while (done < size) {
    iovec part{data + done, size - done};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const ssize_t got = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) ThrowErrno("receiving a message");
    if (const cmsghdr* rights = CMSG_FIRSTHDR(&header); rights != nullptr && rights->cmsg_type == SCM_RIGHTS) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(rights), sizeof(int));
      folder.Reset(fd);
    }
    if (got == 0 && done == 0) return false;
    if (got == 0) throw std::runtime_error("message cut off after " + std::to_string(done) + " bytes");
    done += static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

void SendMessage(int socket, const std::string& text, int folder) {
  const std::string frame = Frame(text);
  std::size_t done = 0;
  while (done < frame.size()) {
    const ssize_t sent = SendSome(socket, frame.data() + done, frame.size() - done, done == 0 ? folder : -1);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) ThrowErrno("sending a message");
    done += static_cast<std::size_t>(sent);
  }
}

std::optional<Message> ReceiveMessage(int socket) {
  Message message;
  std::array<char, kLengthBytes> length{};
  if (!ReceiveAll(socket, length.data(), length.size(), message.folder)) return std::nullopt;
  message.text.resize(FramedLength(length.data()));
  if (!message.text.empty() && !ReceiveAll(socket, message.text.data(), message.text.size(), message.folder)) {
    throw std::runtime_error("message cut off after its length");
  }
  return message;
}

MessageBuffer::State MessageBuffer::ReadAvailable(int socket, std::vector<std::string>& out) {
  std::array<char, 65536> chunk{};
  for (;;) {
    const ssize_t got = ::recv(socket, chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (got <= 0) {  // closed, or reset by a killed child
      TakeMessages(out);
      return State::kClosed;
    }
    bytes_.append(chunk.data(), static_cast<std::size_t>(got));
    TakeMessages(out);
  }
  return State::kOpen;
}

void MessageBuffer::TakeMessages(std::vector<std::string>& out) {
  std::size_t at = 0;
  while (bytes_.size() - at >= kLengthBytes) {
    const std::size_t length = FramedLength(bytes_.data() + at);
    if (bytes_.size() - at - kLengthBytes < length) break;
    out.push_back(bytes_.substr(at + kLengthBytes, length));
    at += kLengthBytes + length;
  }
  bytes_.erase(0, at);
}

void MessageOutbox::Add(const std::string& text, UniqueFd folder) {
  waiting_.push_back({Frame(text), std::move(folder)});
}

bool MessageOutbox::Flush(int socket) {
  while (!waiting_.empty()) {
    const Waiting& first = waiting_.front();
    const ssize_t sent = SendSome(socket, first.frame.data() + sent_, first.frame.size() - sent_,
                                  sent_ == 0 ? first.folder.get() : -1, MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
    if (sent < 0) ThrowErrno("sending a message");
    sent_ += static_cast<std::size_t>(sent);
    if (sent_ < first.frame.size()) continue;
    waiting_.pop_front();
    sent_ = 0;
  }
  return true;
}

}  // namespace dinsd
