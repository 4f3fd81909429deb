#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace dinsd {

/// SHA-256 (FIPS 180-4) of `bytes` as 64 lower-case hexadecimal digits. Thread-safe.
[[nodiscard]] std::string Sha256Hex(std::span<const std::byte> bytes);

}  // namespace dinsd
