#include "pipeline/read/inflate.h"

#include <algorithm>
#include <new>

#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

constexpr int kGzipOrZlib = 15 + 32;                 // the largest window, format told by its first bytes
constexpr std::size_t kStep = std::size_t{1} << 30;  // zlib counts in 32 bits
constexpr std::size_t kMostPerByte = 1032;           // of deflate, RFC 1951
constexpr std::size_t kLeastRoom = 64 * 1024;
constexpr std::size_t kSkipStep = 64 * 1024;

}  // namespace

InflateStream::InflateStream(std::span<const std::byte> bytes, const char* broken_code, std::string file)
    : rest_(bytes), room_(bytes.size() * kMostPerByte + kLeastRoom), broken_code_(broken_code), file_(std::move(file)) {
  if (inflateInit2(&stream_, kGzipOrZlib) != Z_OK) throw std::bad_alloc();
}

InflateStream::~InflateStream() {
  inflateEnd(&stream_);
}

void InflateStream::GiveInput() {
  if (stream_.avail_in > 0) return;
  const std::size_t count = std::min(rest_.size(), kStep);
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(rest_.data()));
  stream_.avail_in = static_cast<uInt>(count);
  rest_ = rest_.subspan(count);
}

bool InflateStream::StartNextMember() {
  GiveInput();
  const bool is_member = stream_.avail_in >= 2 && stream_.next_in[0] == 0x1F && stream_.next_in[1] == 0x8B;
  if (is_member) return inflateReset(&stream_) == Z_OK;
  CheckPadding();
  return false;
}

void InflateStream::CheckPadding() const {
  const std::span given(reinterpret_cast<const std::byte*>(stream_.next_in), stream_.avail_in);
  const auto is_zero = [](std::byte b) { return b == std::byte{0}; };
  if (std::all_of(given.begin(), given.end(), is_zero) && std::all_of(rest_.begin(), rest_.end(), is_zero)) return;
  throw InputError("LIMIT_EXCEEDED", file_, "",
                   std::to_string(given.size() + rest_.size()) + " bytes follow its compressed data, 0 expected");
}

void InflateStream::Take(std::size_t count, std::vector<std::byte>& out) {
  count = std::min(count, room_);
  const std::size_t begin = out.size();
  out.resize(begin + count);
  std::size_t done = 0;
  while (done < count) {
    GiveInput();
    const std::size_t step = std::min(count - done, kStep);
    stream_.next_out = reinterpret_cast<Bytef*>(out.data() + begin + done);
    stream_.avail_out = static_cast<uInt>(step);
    const int status = inflate(&stream_, Z_NO_FLUSH);
    done += step - stream_.avail_out;
    if (status == Z_STREAM_END && !StartNextMember()) break;
    if (status != Z_OK && status != Z_STREAM_END) {
      throw InputError(broken_code_, file_, "", "its compression is broken or cut off");
    }
  }
  out.resize(begin + done);
  room_ -= done;
}

std::size_t InflateStream::Skip(std::size_t count) {
  std::vector<std::byte> dropped;
  std::size_t done = 0;
  while (done < count) {
    const std::size_t step = std::min(count - done, kSkipStep);
    dropped.clear();
    Take(step, dropped);
    done += dropped.size();
    if (dropped.size() < step) break;
  }
  return done;
}

bool IsGzip(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1F} && bytes[1] == std::byte{0x8B};
}

}  // namespace dinsd
