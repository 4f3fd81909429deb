#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

struct evp_md_ctx_st;

namespace dinsd {

/// SHA-256 (FIPS 180-4) of `bytes` as 64 lower-case hexadecimal digits. Thread-safe.
[[nodiscard]] std::string Sha256Hex(std::span<const std::byte> bytes);

/// The same of bytes that come piece by piece. Not thread-safe.
class RunningSha256 {
 public:
  /// Throws std::runtime_error where there is no SHA-256.
  RunningSha256();

  void Add(std::span<const std::byte> bytes) noexcept;

  /// Of all that was added so far. Throws std::runtime_error.
  [[nodiscard]] std::string Hex() const;

 private:
  struct Free {
    void operator()(evp_md_ctx_st* state) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> state_;
  bool is_sound_ = true;
};

}  // namespace dinsd
