#include "pipeline/read/digest.h"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace dinsd {
namespace {

using Digest = std::array<unsigned char, EVP_MAX_MD_SIZE>;

[[noreturn]] void Fail() {
  throw std::runtime_error("SHA-256 is not available");
}

std::string HexOf(const Digest& digest, unsigned size) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 0xF];
  }
  return hex;
}

}  // namespace

std::string Sha256Hex(std::span<const std::byte> bytes) {
  Digest digest{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) Fail();
  return HexOf(digest, size);
}

void RunningSha256::Free::operator()(evp_md_ctx_st* state) const {
  EVP_MD_CTX_free(state);
}

RunningSha256::RunningSha256() : state_(EVP_MD_CTX_new()) {
  if (!state_ || EVP_DigestInit_ex(state_.get(), EVP_sha256(), nullptr) != 1) Fail();
}

void RunningSha256::Add(std::span<const std::byte> bytes) noexcept {
  is_sound_ = is_sound_ && EVP_DigestUpdate(state_.get(), bytes.data(), bytes.size()) == 1;
}

std::string RunningSha256::Hex() const {
  const std::unique_ptr<evp_md_ctx_st, Free> copy(EVP_MD_CTX_new());
  Digest digest{};
  unsigned size = 0;
  if (!is_sound_ || !copy || EVP_MD_CTX_copy_ex(copy.get(), state_.get()) != 1 ||
      EVP_DigestFinal_ex(copy.get(), digest.data(), &size) != 1)
    Fail();
  return HexOf(digest, size);
}

}  // namespace dinsd
