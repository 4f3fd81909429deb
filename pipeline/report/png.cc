#include "pipeline/report/png.h"

#include <png.h>

#include <stdexcept>

#include "pipeline/report/safe_text.h"

namespace dinsd {

std::string EncodePng(const Picture& picture) {
  const auto samples = static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height) *
                       static_cast<std::size_t>(picture.channels);
  if (picture.width < 1 || picture.height < 1 || (picture.channels != 1 && picture.channels != 3) ||
      picture.samples.size() != samples) {
    throw std::invalid_argument("picture of " + std::to_string(picture.width) + " x " + std::to_string(picture.height) +
                                " with " + std::to_string(picture.samples.size()) + " samples");
  }
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.width);
  image.height = static_cast<png_uint_32>(picture.height);
  image.format = picture.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string file(size, '\0');
  if (png_image_write_to_memory(&image, file.data(), &size, 0, picture.samples.data(), 0, nullptr) == 0) {
    throw std::runtime_error(std::string("PNG: ") + image.message);
  }
  file.resize(size);
  return file;
}

std::string PngDataUri(const Picture& picture) {
  return "data:image/png;base64," + Base64(EncodePng(picture));
}

}  // namespace dinsd
