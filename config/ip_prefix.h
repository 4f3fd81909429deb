#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace dinsd {

/// An address of the internet protocol, 16 bytes; one of version 4 is ::ffff:a.b.c.d, however it was come by.
using IpAddress = std::array<std::uint8_t, 16>;

/// The address of a socket's end; nothing for a socket of another kind.
[[nodiscard]] std::optional<IpAddress> IpAddressOf(const sockaddr& end);

/// For people: 192.0.2.7 or 2001:db8::7.
[[nodiscard]] std::string IpAddressText(const IpAddress& address);

/// The addresses that begin with the same bits.
class IpPrefix {
 public:
  /// "192.0.2.7", "10.1.0.0/16", "2001:db8::/32"; nothing for any other text.
  [[nodiscard]] static std::optional<IpPrefix> Parse(const std::string& text);

  [[nodiscard]] bool Contains(const IpAddress& address) const;
  [[nodiscard]] const IpAddress& address() const { return address_; }

 private:
  IpPrefix(const IpAddress& address, int bits) : address_(address), bits_(bits) {}

  IpAddress address_;
  int bits_;  // of 128
};

}  // namespace dinsd
