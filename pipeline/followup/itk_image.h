#pragma once

#include <itkImage.h>
#include <itkMultiThreaderBase.h>

#include <algorithm>

#include "pipeline/followup/working_image.h"

namespace dinsd::followup_internal {

using ItkImage = itk::Image<float, 3>;

inline void UseOneThread() {
  static const bool done = [] {
    itk::MultiThreaderBase::SetGlobalDefaultNumberOfThreads(1);
    return true;
  }();
  (void)done;
}

/// A copy whose physical space is the frame.
inline ItkImage::Pointer ToItk(const WorkingImage& image) {
  const ItkImage::Pointer itk_image = ItkImage::New();
  itk_image->SetRegions(ItkImage::SizeType{{static_cast<itk::SizeValueType>(image.size[0]),
                                            static_cast<itk::SizeValueType>(image.size[1]),
                                            static_cast<itk::SizeValueType>(image.size[2])}});
  const double spacing[3] = {image.spacing, image.spacing, image.spacing};
  itk_image->SetSpacing(spacing);
  itk_image->SetOrigin(image.origin.data());
  itk_image->Allocate();
  std::copy(image.values.begin(), image.values.end(), itk_image->GetBufferPointer());
  return itk_image;
}

}  // namespace dinsd::followup_internal
