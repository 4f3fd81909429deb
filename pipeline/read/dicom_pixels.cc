#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcelem.h>

#include <bit>
#include <cstdint>

#include "pipeline/read/dicom_data_set.h"
#include "pipeline/read/dicom_file.h"

namespace dinsd {
namespace {

static_assert(std::endian::native == std::endian::little, "DCMTK gives words in the byte order of the machine");

// How a stored value sits in its cell.
struct Cell {
  unsigned bytes, shift, bits;
  bool is_signed;
};

[[noreturn]] void Refuse(const std::string& file, const char* field, const std::string& why) {
  throw InputError("UNDECODABLE", file, field, why);
}

// What the data set says now: a decoder may have changed it.
Cell CellOf(const DicomValues& values, const std::string& file) {
  const int allocated = values.Unsigned(DCM_BitsAllocated), stored = values.Unsigned(DCM_BitsStored),
            high = values.Unsigned(DCM_HighBit);
  const bool fits = (allocated == 8 || allocated == 16) && stored >= 1 && high < allocated && stored <= high + 1;
  if (!fits || values.Unsigned(DCM_SamplesPerPixel) != 1) Refuse(file, "PixelData", "decodes to another kind of pixel");
  return {static_cast<unsigned>(allocated / 8), static_cast<unsigned>(high + 1 - stored), static_cast<unsigned>(stored),
          values.Unsigned(DCM_PixelRepresentation) == 1};
}

// The cells as bytes, little endian, whether DCMTK keeps them as bytes or as words.
std::span<const std::uint8_t> StoredBytes(DcmDataset& data_set, const std::string& file) {
  DcmElement* element = nullptr;
  if (data_set.findAndGetElement(DCM_PixelData, element).bad() || element == nullptr)
    Refuse(file, "PixelData", "is lost");
  const std::size_t length = element->getLength(EXS_LittleEndianExplicit);
  Uint16* words = nullptr;
  if (element->getVR() == EVR_OW && element->getUint16Array(words).good() && words != nullptr) {
    return {reinterpret_cast<const std::uint8_t*>(words), length};
  }
  Uint8* bytes = nullptr;
  if (element->getUint8Array(bytes).bad() || bytes == nullptr) Refuse(file, "PixelData", "holds no pixels");
  return {bytes, length};
}

float ValueOf(std::span<const std::uint8_t> stored, std::size_t index, const Cell& cell, const DicomInstance& header) {
  std::uint32_t raw = stored[index * cell.bytes];
  if (cell.bytes == 2) raw |= static_cast<std::uint32_t>(stored[index * 2 + 1]) << 8;
  raw = raw >> cell.shift & ((1U << cell.bits) - 1);
  const bool is_negative = cell.is_signed && (raw >> (cell.bits - 1)) != 0;
  const double value =
      is_negative ? static_cast<double>(raw) - static_cast<double>(1U << cell.bits) : static_cast<double>(raw);
  return static_cast<float>(value * header.rescale_slope + header.rescale_intercept);
}

}  // namespace

std::vector<float> DecodePixels(std::span<const std::byte> bytes, const std::string& file, const ReadLimits& limits) {
  const DicomLayout layout = PrescanDicom(bytes, file);
  if (layout.error) throw InputError(*layout.error);
  const DicomInstance header = ParseDicomInstance(bytes, layout, file);
  if (header.problem) throw InputError(*header.problem);
  const std::size_t count = static_cast<std::size_t>(header.rows) * static_cast<std::size_t>(header.columns);
  if (count > limits.max_voxels) {
    throw InputError("LIMIT_EXCEEDED", file, "Rows",
                     std::to_string(count) + " pixels, " + std::to_string(limits.max_voxels) + " allowed");
  }
  const auto data_set = LoadDataSet(bytes, layout, DicomPart::kWhole, file);
  const OFCondition condition = data_set->chooseRepresentation(EXS_LittleEndianExplicit, nullptr);
  if (condition.bad()) Refuse(file, "PixelData", "its code stream is broken");
  const Cell cell = CellOf(DicomValues(*data_set, file), file);
  const std::span<const std::uint8_t> stored = StoredBytes(*data_set, file);
  if (stored.size() < count * cell.bytes) {
    Refuse(
        file, "PixelData",
        "decodes to " + std::to_string(stored.size()) + " bytes, " + std::to_string(count * cell.bytes) + " expected");
  }
  std::vector<float> pixels(count);
  for (std::size_t i = 0; i < count; ++i) pixels[i] = ValueOf(stored, i, cell, header);
  return pixels;
}

}  // namespace dinsd
