#include "pipeline/report/png.h"

#include <gtest/gtest.h>
#include <png.h>

#include <stdexcept>

namespace dinsd {
namespace {

Picture Read(const std::string& file, int channels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_memory(&image, file.data(), file.size()), 0);
  image.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  Picture picture{static_cast<int>(image.width), static_cast<int>(image.height), channels, {}};
  picture.samples.resize(PNG_IMAGE_SIZE(image));
  EXPECT_NE(png_image_finish_read(&image, nullptr, picture.samples.data(), 0, nullptr), 0);
  return picture;
}

TEST(Png, ReadsBackAsWritten) {
  for (const int channels : {1, 3}) {
    Picture picture{5, 4, channels, {}};
    for (int i = 0; i < 5 * 4 * channels; ++i) picture.samples.push_back(static_cast<std::uint8_t>(i * 11));
    const Picture read = Read(EncodePng(picture), channels);
    EXPECT_EQ(read.width, 5);
    EXPECT_EQ(read.height, 4);
    EXPECT_EQ(read.samples, picture.samples);
  }
}

TEST(Png, RefusesSizesThatDoNotFit) {
  EXPECT_THROW((void)EncodePng({2, 2, 1, {1, 2, 3}}), std::invalid_argument);
  EXPECT_THROW((void)EncodePng({0, 2, 1, {}}), std::invalid_argument);
  EXPECT_THROW((void)EncodePng({1, 1, 2, {1, 2}}), std::invalid_argument);
}

TEST(Png, StandsInAPageAsData) {
  EXPECT_EQ(PngDataUri({1, 1, 1, {7}}).substr(0, 26), "data:image/png;base64,iVBO");
}

}  // namespace
}  // namespace dinsd
