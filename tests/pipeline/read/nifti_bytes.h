#pragma once

#include <zlib.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace dinsd {

/// A small NIfTI-1 file that a test edits field by field. Starts as 4x5x7 int16, 1.5 x 1.5 x 8 mm, RAS axes, sform
/// only.
class NiftiBytes {
 public:
  NiftiBytes() : bytes_(352 + 2 * 4 * 5 * 7) {
    Set<std::int32_t>(0, 348);
    for (const auto& [index, size] : {std::pair{0, 3}, {1, 4}, {2, 5}, {3, 7}})
      Set(40 + 2 * index, static_cast<std::int16_t>(size));
    Set<std::int16_t>(70, 4);
    Set<std::int16_t>(72, 16);
    for (const auto& [index, size] : {std::pair{0, 1.F}, {1, 1.5F}, {2, 1.5F}, {3, 8.F}}) Set(76 + 4 * index, size);
    Set(108, 352.F);
    Set(112, 1.F);
    bytes_[123] = std::byte{2};
    Set<std::int16_t>(254, 1);
    SetSrow({1.5F, 0, 0, -10, 0, 1.5F, 0, 20, 0, 0, 8, 30});
    std::memcpy(bytes_.data() + 344, "n+1", 4);
    for (std::int16_t i = 0; i < 4 * 5 * 7; ++i) Set(352 + 2 * static_cast<std::size_t>(i), i);
  }

  template <typename T>
  NiftiBytes& Set(std::size_t offset, T value) {
    std::memcpy(bytes_.data() + offset, &value, sizeof(T));
    return *this;
  }

  NiftiBytes& SetSrow(const std::array<float, 12>& rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) Set(280 + 4 * i, rows[i]);
    return *this;
  }

  /// A qform of the identity rotation with this offset.
  NiftiBytes& SetQform(float x, float y, float z) {
    Set<std::int16_t>(252, 1);
    return Set(268, x).Set(272, y).Set(276, z);
  }

  NiftiBytes& Resize(std::size_t size) {
    bytes_.resize(size);
    return *this;
  }

  [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }
  [[nodiscard]] std::vector<std::byte>& bytes() { return bytes_; }

  [[nodiscard]] std::vector<std::byte> Gzip() const {
    z_stream stream{};
    if (deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK) throw std::runtime_error("zlib");
    std::vector<std::byte> out(bytes_.size() + 1024);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes_.data()));
    stream.avail_in = static_cast<uInt>(bytes_.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
  }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace dinsd
