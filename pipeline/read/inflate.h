#pragma once

#include <zlib.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace dinsd {

/// Inflates a gzip (RFC 1952, also of several members) or zlib (RFC 1950) stream step by step, so that never more is
/// made than the caller asked for, and no memory is taken that so short a stream cannot fill. Zeros may follow its end,
/// as gzip allows. Throws InputError: the given code where the stream is broken or cut off, LIMIT_EXCEEDED where
/// anything else follows it.
class InflateStream {
 public:
  InflateStream(std::span<const std::byte> bytes, const char* broken_code, std::string file);
  InflateStream(const InflateStream&) = delete;
  InflateStream& operator=(const InflateStream&) = delete;
  ~InflateStream();

  /// Appends up to `count` bytes to `out`; fewer at the end of the stream.
  void Take(std::size_t count, std::vector<std::byte>& out);

  /// Inflates up to `count` bytes and keeps none of them, in little memory. Returns how many there were; fewer at the
  /// end of the stream, whose checksum has then been compared.
  [[nodiscard]] std::size_t Skip(std::size_t count);

 private:
  void GiveInput();
  [[nodiscard]] bool StartNextMember();
  void CheckPadding() const;

  std::span<const std::byte> rest_;  // not yet given to zlib
  std::size_t room_;                 // the most that is still to come
  const char* broken_code_;
  std::string file_;
  z_stream stream_{};
};

[[nodiscard]] bool IsGzip(std::span<const std::byte> bytes);

}  // namespace dinsd
