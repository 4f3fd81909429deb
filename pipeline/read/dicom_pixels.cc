#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcelem.h>

#include <array>
#include <bit>
#include <cstdint>
#include <stdexcept>

#include "pipeline/read/dicom_data_set.h"
#include "pipeline/read/dicom_file.h"
#include "pipeline/read/dicom_fragments.h"
#include "pipeline/read/dicom_transfer_syntax.h"
#include "pipeline/read/jpeg2000.h"

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

float ValueOf(std::uint32_t raw, const Cell& cell, const DicomInstance& header) {
  raw = raw >> cell.shift & ((1U << cell.bits) - 1);
  const bool is_negative = cell.is_signed && (raw >> (cell.bits - 1)) != 0;
  const double value =
      is_negative ? static_cast<double>(raw) - static_cast<double>(1U << cell.bits) : static_cast<double>(raw);
  return static_cast<float>(value * header.rescale_slope + header.rescale_intercept);
}

std::size_t PlaneOf(const DicomInstance& header) {
  return static_cast<std::size_t>(header.rows) * static_cast<std::size_t>(header.columns);
}

// The record that says how a frame is scaled; a classic image is its own.
const DicomInstance& RecordOf(const DicomInstance& header, int frame) {
  if (header.slices.empty() && frame == 0) return header;
  if (frame < 1 || static_cast<std::size_t>(frame) > header.slices.size()) {
    Refuse(header.file, "NumberOfFrames",
           "is " + std::to_string(header.frames) + ", and frame " + std::to_string(frame) + " is asked for");
  }
  const DicomInstance& record = header.slices[static_cast<std::size_t>(frame) - 1];
  if (record.problem) throw InputError(*record.problem);
  return record;
}

std::size_t IndexOf(int frame) {
  return frame == 0 ? 0 : static_cast<std::size_t>(frame) - 1;
}

// Every syntax that DCMTK decodes, or needs no decoder for.
std::vector<float> DecodeByDcmtk(std::span<const std::byte> bytes, const DicomLayout& layout,
                                 const DicomInstance& header, std::span<const int> frames) {
  const auto data_set = LoadDataSet(bytes, layout, DicomPart::kWhole, header.file);
  const OFCondition condition = data_set->chooseRepresentation(EXS_LittleEndianExplicit, nullptr);
  if (condition.bad()) Refuse(header.file, "PixelData", "its code stream is broken");
  const Cell cell = CellOf(DicomValues(*data_set, header.file), header.file);
  const std::span<const std::uint8_t> stored = StoredBytes(*data_set, header.file);
  const std::size_t plane = PlaneOf(header), all = plane * static_cast<std::size_t>(header.frames) * cell.bytes;
  if (stored.size() < all) {
    Refuse(header.file, "PixelData",
           "decodes to " + std::to_string(stored.size()) + " bytes, " + std::to_string(all) + " expected");
  }
  std::vector<float> pixels;
  pixels.reserve(plane * frames.size());
  for (const int frame : frames) {
    const DicomInstance& record = RecordOf(header, frame);
    const auto cells = stored.subspan(IndexOf(frame) * plane * cell.bytes, plane * cell.bytes);
    for (std::size_t i = 0; i < cells.size(); i += cell.bytes) {
      std::uint32_t raw = cells[i];
      if (cell.bytes == 2) raw |= static_cast<std::uint32_t>(cells[i + 1]) << 8;
      pixels.push_back(ValueOf(raw, cell, record));
    }
  }
  return pixels;
}

std::vector<float> DecodeByOpenJpeg(std::span<const std::byte> bytes, const DicomLayout& layout,
                                    const DicomInstance& header, std::span<const int> frames) {
  const auto data_set = LoadDataSet(bytes, layout, DicomPart::kHeader, header.file);
  const Cell cell = CellOf(DicomValues(*data_set, header.file), header.file);
  const auto streams = CodeStreams(bytes, layout, static_cast<std::size_t>(header.frames), header.file);
  const Jpeg2000Image expected{header.rows, header.columns, header.bits_allocated, cell.is_signed};
  std::vector<float> pixels;
  pixels.reserve(PlaneOf(header) * frames.size());
  for (const int frame : frames) {
    const DicomInstance& record = RecordOf(header, frame);
    try {
      for (const std::int32_t sample : DecodeJpeg2000(streams.at(IndexOf(frame)), expected))
        pixels.push_back(ValueOf(static_cast<std::uint32_t>(sample), cell, record));
    } catch (const std::runtime_error& error) {
      throw InputError("UNDECODABLE", header.file, FieldOf(record, "PixelData"), error.what());
    }
  }
  return pixels;
}

}  // namespace

std::vector<float> DecodePixels(std::span<const std::byte> bytes, const std::string& file, std::span<const int> frames,
                                const ReadLimits& limits, const DicomReadOptions& options) {
  const DicomLayout layout = PrescanDicom(bytes, file);
  if (layout.error) throw InputError(*layout.error);
  const DicomInstance header = ParseDicomInstance(bytes, layout, file, options);
  if (header.problem) throw InputError(*header.problem);
  const std::size_t count = PlaneOf(header) * static_cast<std::size_t>(header.frames);
  if (count > limits.max_voxels) {
    throw InputError("LIMIT_EXCEEDED", file, header.frames == 1 ? "Rows" : "NumberOfFrames",
                     std::to_string(count) + " pixels, " + std::to_string(limits.max_voxels) + " allowed");
  }
  const bool is_jpeg2000 = DecoderOf(layout.transfer_syntax) == PixelDecoder::kOpenJpeg;
  return is_jpeg2000 ? DecodeByOpenJpeg(bytes, layout, header, frames) : DecodeByDcmtk(bytes, layout, header, frames);
}

}  // namespace dinsd
