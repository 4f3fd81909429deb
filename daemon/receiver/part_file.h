#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "daemon/process/unique_fd.h"
#include "pipeline/read/digest.h"

namespace dinsd {

/// An object that arrives: a file under a name of our own, which is removed again unless it is kept. Not thread-safe.
class PartFile {
 public:
  enum class Fault {
    kNone,
    kNoRoom,    // of the disk; what comes is thrown away
    kTooLarge,  // as above
  };

  /// A file in the folder `folder`, which must outlive this. `has_room` is asked before the first byte and again and
  /// again while they come.
  PartFile(int folder, std::uint64_t max_bytes, std::function<bool()> has_room);
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;
  ~PartFile();

  /// What the digest leaves out, before the first Write. Neither throws: a fault is kept.
  void WriteHead(std::string_view bytes);
  void Write(std::span<const std::byte> bytes);
  void Write(std::string_view bytes) { Write(std::as_bytes(std::span(bytes))); }

  [[nodiscard]] Fault fault() const { return fault_; }
  [[nodiscard]] int fd() const { return file_.get(); }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] std::uint64_t head_size() const { return head_size_; }

  /// SHA-256 of all but the head, in hexadecimal digits; of no use after a fault.
  [[nodiscard]] std::string Digest() const { return digest_.Hex(); }

  /// Waits until all of it is on the disk; false if that cannot be known.
  [[nodiscard]] bool Sync() const;

  /// Gives it a name in another folder of the same disk. False if that name is taken; the file is then removed as ever.
  /// Throws std::system_error.
  [[nodiscard]] bool MoveTo(int folder, const std::string& name);

 private:
  void Take(std::span<const std::byte> bytes);
  void WriteAll(std::span<const std::byte> bytes);

  int folder_;
  std::string name_;
  UniqueFd file_;
  std::uint64_t max_bytes_, size_ = 0, checked_size_ = 0, head_size_ = 0;
  RunningSha256 digest_;
  std::function<bool()> has_room_;
  Fault fault_ = Fault::kNone;
};

/// 32 hexadecimal digits that nobody can foresee.
[[nodiscard]] std::string RandomName();

}  // namespace dinsd
