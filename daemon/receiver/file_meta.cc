#include "daemon/receiver/file_meta.h"

#include <cstdint>
#include <string_view>

namespace dinsd {
namespace {

constexpr std::size_t kPreamble = 128;
constexpr const char* kImplementation = "2.25.210815101329540984335909213263300065333";

void AddNumber(std::string& bytes, std::uint32_t value, int size) {
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFFU);
}

void AddTag(std::string& bytes, std::uint32_t element, std::string_view vr) {
  AddNumber(bytes, 2, 2);
  AddNumber(bytes, element, 2);
  bytes += vr;
}

void AddText(std::string& bytes, std::uint32_t element, std::string_view vr, std::string value, char padding) {
  if (value.size() % 2 == 1) value += padding;
  AddTag(bytes, element, vr);
  AddNumber(bytes, static_cast<std::uint32_t>(value.size()), 2);
  bytes += value;
}

}  // namespace

std::string FileMetaOf(const ObjectNames& names) {
  std::string elements;
  AddTag(elements, 0x0001, "OB");
  AddNumber(elements, 0, 2);
  AddNumber(elements, 2, 4);
  elements += std::string("\0\1", 2);
  AddText(elements, 0x0002, "UI", names.sop_class, '\0');
  AddText(elements, 0x0003, "UI", names.sop_instance, '\0');
  AddText(elements, 0x0010, "UI", names.transfer_syntax, '\0');
  AddText(elements, 0x0012, "UI", kImplementation, '\0');
  AddText(elements, 0x0013, "SH", "DINSD_" DINSD_VERSION, ' ');
  std::string bytes(kPreamble, '\0');
  bytes += "DICM";
  AddTag(bytes, 0x0000, "UL");
  AddNumber(bytes, 4, 2);
  AddNumber(bytes, static_cast<std::uint32_t>(elements.size()), 4);
  return bytes + elements;
}

}  // namespace dinsd
