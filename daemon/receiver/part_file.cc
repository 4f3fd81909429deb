#include "daemon/receiver/part_file.h"

#include <fcntl.h>
#include <stdio.h>  // renameat2
#include <sys/random.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace dinsd {
namespace {

constexpr std::uint64_t kCheckRoomEvery = std::uint64_t{16} << 20U;
constexpr mode_t kMode = 0640;

}  // namespace

std::string RandomName() {
  constexpr const char* kDigits = "0123456789abcdef";
  std::array<unsigned char, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw std::system_error(errno, std::generic_category(), "getrandom");
  std::string name;
  for (const unsigned char byte : bytes) {
    name += kDigits[byte >> 4U];
    name += kDigits[byte & 15U];
  }
  return name;
}

PartFile::PartFile(int folder, std::uint64_t max_bytes, std::function<bool()> has_room)
    : folder_(folder), name_(RandomName() + ".part"), max_bytes_(max_bytes), has_room_(std::move(has_room)) {
  if (has_room_())
    file_.Reset(::openat(folder_, name_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kMode));
  if (file_) {
    ::fchmod(file_.get(), kMode);
  } else {
    name_.clear();
    fault_ = Fault::kNoRoom;
  }
}

PartFile::~PartFile() {
  if (!name_.empty()) ::unlinkat(folder_, name_.c_str(), 0);
}

void PartFile::WriteHead(std::string_view bytes) {
  Take(std::as_bytes(std::span(bytes)));
  head_size_ = size_;
}

void PartFile::Write(std::span<const std::byte> bytes) {
  Take(bytes);
  if (fault_ == Fault::kNone) digest_.Add(bytes);
}

void PartFile::Take(std::span<const std::byte> bytes) {
  if (fault_ != Fault::kNone) return;
  if (bytes.size() > max_bytes_ - size_) {
    fault_ = Fault::kTooLarge;
  } else if (size_ - checked_size_ >= kCheckRoomEvery && !has_room_()) {
    fault_ = Fault::kNoRoom;
  } else {
    if (size_ - checked_size_ >= kCheckRoomEvery) checked_size_ = size_;
    WriteAll(bytes);
    size_ += bytes.size();
  }
  if (fault_ != Fault::kNone && ::ftruncate(file_.get(), 0) != 0) return;  // its room is given back at once
}

void PartFile::WriteAll(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      fault_ = Fault::kNoRoom;
      return;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

bool PartFile::Sync() const {
  return ::fsync(file_.get()) == 0;
}

bool PartFile::MoveTo(int folder, const std::string& name) {
  if (::renameat2(folder_, name_.c_str(), folder, name.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno == EEXIST) return false;
    throw std::system_error(errno, std::generic_category(), "renaming an object");
  }
  name_.clear();
  return true;
}

}  // namespace dinsd
