#pragma once

#include <string>

#include "pipeline/read/dicom_prescan.h"
#include "tests/pipeline/read/dicom_maker.h"

namespace dinsd {

/// The data set of a DICOM file, as its bytes stand there.
inline std::string DataSetOf(const std::string& file) {
  const DicomLayout layout = PrescanDicom(std::as_bytes(std::span(file)), "");
  if (layout.error) throw std::runtime_error(layout.error->what());
  return file.substr(layout.data_set_offset);
}

/// The data set of slice `k` after `edit`, explicit little endian.
inline std::string MadeDataSet(int k, const DicomEdit& edit = {}) {
  return DataSetOf(MakeSlice(k, edit));
}

/// Its SOPInstanceUID.
inline std::string MadeInstance(int k) {
  return "1.2.3.4." + std::to_string(k + 1);
}

inline DicomEdit WithText(const DcmTagKey& key, const std::string& value) {
  return [key, value](DcmDataset& data) { Put(data, key, value); };
}

inline DicomEdit WithOtherPixels() {
  return [](DcmDataset& data) {
    const std::vector<Uint16> pixels(static_cast<std::size_t>(kMadeColumns) * kMadeRows, 7);
    data.putAndInsertUint16Array(DCM_PixelData, pixels.data(), pixels.size());
  };
}

}  // namespace dinsd
