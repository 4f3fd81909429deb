#include "config/ip_prefix.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace dinsd {
namespace {

constexpr int kBitsBeforeV4 = 96;
constexpr IpAddress kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

bool IsV4(const IpAddress& address) {
  return std::equal(kMapped.begin(), kMapped.begin() + 12, address.begin());
}

IpAddress FromV4(const void* four_bytes) {
  IpAddress address = kMapped;
  std::memcpy(address.data() + 12, four_bytes, 4);
  return address;
}

std::optional<IpAddress> ParseAddress(const std::string& text) {
  IpAddress address{};
  if (::inet_pton(AF_INET6, text.c_str(), address.data()) == 1) return address;
  if (::inet_pton(AF_INET, text.c_str(), address.data()) == 1) return FromV4(address.data());
  return std::nullopt;
}

}  // namespace

std::optional<IpAddress> IpAddressOf(const sockaddr& end) {
  if (end.sa_family == AF_INET) return FromV4(&reinterpret_cast<const sockaddr_in&>(end).sin_addr);
  if (end.sa_family != AF_INET6) return std::nullopt;
  IpAddress address{};
  std::memcpy(address.data(), &reinterpret_cast<const sockaddr_in6&>(end).sin6_addr, address.size());
  return address;
}

std::string IpAddressText(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool is_v4 = IsV4(address);
  ::inet_ntop(is_v4 ? AF_INET : AF_INET6, address.data() + (is_v4 ? 12 : 0), text.data(), text.size());
  return text.data();
}

std::optional<IpPrefix> IpPrefix::Parse(const std::string& text) {
  const std::size_t slash = text.find('/');
  const std::optional<IpAddress> address = ParseAddress(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == std::string::npos) return IpPrefix(*address, 128);
  const int before = text.find(':') == std::string::npos ? kBitsBeforeV4 : 0;
  int bits = -1;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + slash + 1, end, bits);
  if (error != std::errc() || rest != end || bits < 0 || bits > 128 - before) return std::nullopt;
  return IpPrefix(*address, before + bits);
}

bool IpPrefix::Contains(const IpAddress& address) const {
  const auto whole = static_cast<std::ptrdiff_t>(bits_ / 8);
  if (!std::equal(address_.begin(), address_.begin() + whole, address.begin())) return false;
  const int rest = bits_ % 8;
  if (rest == 0) return true;
  const auto at = static_cast<std::size_t>(whole);
  return ((address_.at(at) ^ address.at(at)) >> (8 - rest)) == 0;
}

}  // namespace dinsd
