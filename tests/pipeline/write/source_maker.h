#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "pipeline/read/dicom_source.h"
#include "pipeline/read/study.h"
#include "tests/pipeline/read/dicom_maker.h"

namespace dinsd {

/// A coronal MR series of the given size in a folder of its own, and what objects made of it refer to. Each data set
/// goes through `edit(data set, k)`.
class MadeSource {
 public:
  MadeSource(int columns, int rows, int slices, const std::function<void(DcmDataset&, int)>& edit = {})
      : study_(slices, [&](DcmDataset& data, int k) {
          PutNumber(data, DCM_Rows, rows);
          PutNumber(data, DCM_Columns, columns);
          const std::vector<Uint16> pixels(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns), 100);
          data.putAndInsertUint16Array(DCM_PixelData, pixels.data(), pixels.size());
          if (edit) edit(data, k);
        }) {}

  [[nodiscard]] SourceSeries Read(const StudyReadOptions& options = {}) const {
    const InspectedStudy inspected = InspectStudy(study_.root(), "made", ListStudyFiles(study_.root()), options);
    return ReadSourceSeries(study_.root(), ChosenImage(inspected));
  }

  [[nodiscard]] const std::filesystem::path& root() const { return study_.root(); }

 private:
  MadeStudy study_;
};

}  // namespace dinsd
