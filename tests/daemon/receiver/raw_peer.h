#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "daemon/process/unique_fd.h"

namespace dinsd {

inline constexpr const char* kMrClass = "1.2.840.10008.5.1.4.1.1.4";
inline constexpr const char* kExplicitLittle = "1.2.840.10008.1.2.1";

/// A peer of the receiver that writes its PDUs by hand (DICOM PS3.8 9.3, PS3.7 6.3), so that it can misbehave.
class RawPeer {
 public:
  explicit RawPeer(int port, const std::string& from = "127.0.0.1") : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in end = Loopback(from, 0);
    if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&end), sizeof end) != 0) throw std::runtime_error("bind");
    end = Loopback("127.0.0.1", port);
    if (::connect(socket_.get(), reinterpret_cast<sockaddr*>(&end), sizeof end) != 0)
      throw std::runtime_error("connect");
  }

  /// False once the other end is gone.
  bool Send(const std::string& bytes) {
    return ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }

  /// The next PDU with its head; empty when the connection has ended.
  std::string Receive() {
    std::string pdu = ReceiveBytes(6);
    if (pdu.size() < 6) return "";
    std::uint32_t length = 0;
    for (int i = 2; i < 6; ++i) length = length << 8 | static_cast<unsigned char>(pdu[static_cast<std::size_t>(i)]);
    return pdu + ReceiveBytes(length);
  }

  /// Asks for one presentation context and returns the answer's type: 2 accepted, 3 rejected, 0 none.
  int Associate(const std::string& calling = "SENDER", const std::string& called = "DINSD",
                const std::string& sop_class = kMrClass, const std::string& syntax = kExplicitLittle) {
    Send(AssociateRequest(calling, called, sop_class, syntax));
    answer_ = Receive();
    return answer_.empty() ? 0 : answer_[0];
  }

  /// Result, source and reason of a rejection, such as "2 3 2".
  [[nodiscard]] std::string Rejection() const {
    if (answer_.size() < 10 || answer_[0] != 3) return "";
    return std::to_string(answer_[7]) + " " + std::to_string(answer_[8]) + " " + std::to_string(answer_[9]);
  }

  /// Sends an object; returns the status of the answer, -1 for none.
  int Store(const std::string& instance, const std::string& data_set, const std::string& sop_class = kMrClass) {
    if (!Send(StoreCommand(instance, sop_class)) || !Send(DataPdus(data_set))) return -1;
    return Status(Receive());
  }

  /// Whether the context of an association that was accepted was so too (PS3.8 9.3.3.2).
  [[nodiscard]] bool IsContextAccepted() const {
    for (std::size_t at = 74; at + 8 <= answer_.size();) {  // the items follow a fixed head
      const auto byte = [&](std::size_t offset) { return static_cast<unsigned char>(answer_[at + offset]); };
      if (byte(0) == 0x21) return byte(6) == 0;
      at += 4U + (byte(2) * 256U + byte(3));
    }
    return false;
  }

  void Release() {
    Send(ReleaseRequest());
    (void)Receive();
  }

  /// Says that nothing more will come, and still hears.
  void HangUp() { ::shutdown(socket_.get(), SHUT_WR); }

  [[nodiscard]] int fd() const { return socket_.get(); }

  static std::string StoreCommand(const std::string& instance, const std::string& sop_class = kMrClass) {
    std::string rest = Element(0x0002, Even(sop_class)) + Element(0x0100, Number(1, 2)) +
                       Element(0x0110, Number(1, 2)) + Element(0x0700, Number(0, 2)) + Element(0x0800, Number(1, 2)) +
                       Element(0x1000, Even(instance));
    return Pdu(4, Pdv(Element(0x0000, Number(static_cast<std::uint32_t>(rest.size()), 4)) + rest, 3));
  }

  static std::string ReleaseRequest() { return {"\5\0\0\0\0\4\0\0\0\0", 10}; }

  static std::string AssociateRequest(const std::string& calling, const std::string& called,
                                      const std::string& sop_class, const std::string& syntax) {
    const std::string context = std::string("\1\0\0\0", 4) + Item(0x30, sop_class) + Item(0x40, syntax);
    const std::string user = Item(0x51, Big(16384, 4)) + Item(0x52, "1.2.3.4.5");
    return Pdu(1, Big(1, 2) + Big(0, 2) + Title(called) + Title(calling) + std::string(32, '\0') +
                      Item(0x10, "1.2.840.10008.3.1.1.1") + Item(0x20, context) + Item(0x50, user));
  }

  /// All of a data set, in PDUs of 16 KiB.
  static std::string DataPdus(const std::string& data_set) {
    constexpr std::size_t kPiece = 16000;
    std::string bytes;
    for (std::size_t at = 0; at < data_set.size(); at += kPiece)
      bytes += Pdu(4, Pdv(data_set.substr(at, kPiece), at + kPiece >= data_set.size() ? 2 : 0));
    return bytes;
  }

 private:
  static sockaddr_in Loopback(const std::string& address, int port) {
    sockaddr_in end{};
    end.sin_family = AF_INET;
    end.sin_port = htons(static_cast<std::uint16_t>(port));
    end.sin_addr.s_addr = htonl(address == "127.0.0.1" ? 0x7F000001U : 0x7F000002U);
    return end;
  }

  static std::string Big(std::uint32_t value, int size) {
    std::string bytes;
    for (int i = size - 1; i >= 0; --i) bytes += static_cast<char>(value >> (8 * i) & 0xFFU);
    return bytes;
  }

  static std::string Number(std::uint32_t value, int size) {
    std::string bytes;
    for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFFU);
    return bytes;
  }

  static std::string Even(std::string text) { return text.size() % 2 == 0 ? text : text + '\0'; }

  static std::string Element(std::uint32_t element, const std::string& value) {
    return Number(0, 2) + Number(element, 2) + Number(static_cast<std::uint32_t>(value.size()), 4) + value;
  }

  static std::string Pdv(const std::string& bytes, int control) {
    return Big(static_cast<std::uint32_t>(bytes.size() + 2), 4) + '\1' + static_cast<char>(control) + bytes;
  }

  static std::string Pdu(int type, const std::string& bytes) {
    return std::string{static_cast<char>(type), '\0'} + Big(static_cast<std::uint32_t>(bytes.size()), 4) + bytes;
  }

  static std::string Item(int type, const std::string& bytes) {
    return std::string{static_cast<char>(type), '\0'} + Big(static_cast<std::uint32_t>(bytes.size()), 2) + bytes;
  }

  static std::string Title(std::string title) {
    title.resize(16, ' ');
    return title;
  }

  // Of a C-STORE-RSP in one PDU: the element (0000,0900).
  static int Status(const std::string& pdu) {
    for (std::size_t at = 12; at + 10 <= pdu.size();) {
      const auto byte = [&](std::size_t offset) { return std::uint32_t{static_cast<unsigned char>(pdu[at + offset])}; };
      if (byte(2) == 0x00 && byte(3) == 0x09) return static_cast<int>(byte(8) | byte(9) << 8);
      at += 8 + (byte(4) | byte(5) << 8);
    }
    return -1;
  }

  std::string ReceiveBytes(std::size_t count) {
    std::string bytes(count, '\0');
    std::size_t got = 0;
    while (got < count) {
      const ssize_t now = ::recv(socket_.get(), bytes.data() + got, count - got, 0);
      if (now <= 0) break;
      got += static_cast<std::size_t>(now);
    }
    bytes.resize(got);
    return bytes;
  }

  UniqueFd socket_;
  std::string answer_;
};

}  // namespace dinsd
