#include "pipeline/read/dicom_fragments.h"

#include <cstdint>

#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

constexpr std::uint32_t kItem = 0xFFFEE000;
constexpr std::size_t kHeaderBytes = 8;

struct Fragment {
  std::size_t offset = 0;  // of its item, from the first fragment's
  std::span<const std::byte> bytes;
};

[[noreturn]] void Refuse(const std::string& file, const std::string& why) {
  throw InputError("UNDECODABLE", file, "PixelData", why);
}

// Encapsulated pixels are little endian whatever else the data set is.
std::uint32_t LongAt(std::span<const std::byte> bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | std::to_integer<std::uint32_t>(bytes[at + i]);
  return value;
}

std::uint32_t TagAt(std::span<const std::byte> bytes, std::size_t at) {
  const std::uint32_t stored = LongAt(bytes, at);
  return stored << 16 | stored >> 16;
}

// The items of the value, the first of which is the table of offsets.
std::vector<std::span<const std::byte>> ItemsOf(std::span<const std::byte> value, const std::string& file) {
  std::vector<std::span<const std::byte>> items;
  std::size_t at = 0;
  while (at + kHeaderBytes <= value.size() && TagAt(value, at) == kItem) {
    const std::size_t length = LongAt(value, at + 4);
    if (length > value.size() - at - kHeaderBytes) Refuse(file, "a fragment is longer than what holds it");
    items.push_back(value.subspan(at + kHeaderBytes, length));
    at += kHeaderBytes + length;
  }
  if (items.size() < 2) Refuse(file, "holds no fragment");
  return items;
}

std::vector<std::size_t> OffsetsOf(std::span<const std::byte> table) {
  std::vector<std::size_t> offsets;
  for (std::size_t at = 0; at + 4 <= table.size(); at += 4) offsets.push_back(LongAt(table, at));
  return offsets;
}

// The frame that each fragment belongs to, never falling.
std::vector<std::size_t> FramesOfFragments(const std::vector<Fragment>& fragments,
                                           const std::vector<std::size_t>& offsets, std::size_t frames,
                                           const std::string& file) {
  std::vector<std::size_t> owners(fragments.size(), 0);
  if (frames == 1) return owners;
  if (offsets.empty()) {
    if (fragments.size() != frames) {
      Refuse(file, std::to_string(fragments.size()) + " fragments without a table of offsets, " +
                       std::to_string(frames) + " frames");
    }
    for (std::size_t i = 0; i < owners.size(); ++i) owners[i] = i;
    return owners;
  }
  if (offsets.size() != frames || offsets.front() != 0) Refuse(file, "its table of offsets is not of these frames");
  std::size_t frame = 0;
  for (std::size_t i = 0; i < fragments.size(); ++i) {
    if (frame + 1 < frames && fragments[i].offset >= offsets[frame + 1]) ++frame;
    owners[i] = frame;
    const bool is_start = i == 0 || owners[i - 1] != frame;
    if (is_start && fragments[i].offset != offsets[frame]) Refuse(file, "its table of offsets names no fragment");
  }
  if (frame + 1 != frames) Refuse(file, "its table of offsets leads out of the fragments");
  return owners;
}

}  // namespace

std::vector<std::vector<std::byte>> CodeStreams(std::span<const std::byte> bytes, const DicomLayout& layout,
                                                std::size_t frames, const std::string& file) {
  const auto items = ItemsOf(bytes.subspan(layout.pixel_offset, layout.pixel_bytes), file);
  std::vector<Fragment> fragments;
  std::size_t offset = 0;
  for (const auto& item : std::span(items).subspan(1)) {
    fragments.push_back({offset, item});
    offset += kHeaderBytes + item.size();
  }
  const std::vector<std::size_t> owners = FramesOfFragments(fragments, OffsetsOf(items.front()), frames, file);
  std::vector<std::vector<std::byte>> streams(frames);
  for (std::size_t i = 0; i < fragments.size(); ++i) {
    auto& stream = streams.at(owners[i]);
    stream.insert(stream.end(), fragments[i].bytes.begin(), fragments[i].bytes.end());
  }
  return streams;
}

}  // namespace dinsd
