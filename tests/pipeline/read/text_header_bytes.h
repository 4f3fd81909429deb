#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace dinsd {

/// A small image file with a text header that a test edits: header lines, then 4 x 5 x 7 int16 voxels 0, 1, 2, ...
class TextHeaderBytes {
 public:
  explicit TextHeaderBytes(std::string header) : header_(std::move(header)), data_(std::size_t{2} * 4 * 5 * 7, '\0') {
    for (std::size_t i = 0; i < data_.size() / 2; ++i) {
      data_[2 * i] = static_cast<char>(i);
      data_[2 * i + 1] = 0;
    }
  }

  /// Replaces the first `from` of the header, which must be there.
  TextHeaderBytes& Replace(const std::string& from, const std::string& to) {
    const std::size_t at = header_.find(from);
    if (at == std::string::npos) throw std::logic_error("no " + from + " in the header");
    header_.replace(at, from.size(), to);
    return *this;
  }

  TextHeaderBytes& SetData(std::string data) {
    data_ = std::move(data);
    return *this;
  }

  /// `window`: 15 + 16 for gzip, 15 for zlib.
  TextHeaderBytes& Compress(int window) {
    z_stream stream{};
    if (deflateInit2(&stream, 9, Z_DEFLATED, window, 9, Z_DEFAULT_STRATEGY) != Z_OK) throw std::runtime_error("zlib");
    std::string out(data_.size() + 1024, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(data_.data());
    stream.avail_in = static_cast<uInt>(data_.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    data_ = out;
    return *this;
  }

  [[nodiscard]] const std::string& header() const { return header_; }
  [[nodiscard]] const std::string& data() const { return data_; }

  [[nodiscard]] std::vector<std::byte> bytes() const {
    std::vector<std::byte> all(header_.size() + data_.size());
    std::memcpy(all.data(), header_.data(), header_.size());
    std::memcpy(all.data() + header_.size(), data_.data(), data_.size());
    return all;
  }

 private:
  std::string header_;
  std::string data_;
};

}  // namespace dinsd
