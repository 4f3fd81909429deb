#include "pipeline/write/dicom_uid.h"

#include <gtest/gtest.h>

#include "pipeline/write/dicom_item.h"

namespace dinsd {
namespace {

// Expected values: the first 30 digits of `sha256sum`, as a decimal number by another program.
TEST(DicomUid, IsTheDigestOfItsTextAsADecimalNumber) {
  EXPECT_EQ(UidOfText(""), "2.25.1182236640308459288618697158353842105");
  EXPECT_EQ(UidOfText("dinsd"), "2.25.274032719577573318094515606591816518");
}

TEST(DicomItem, ADecimalStringIsShortAndNearest) {
  EXPECT_EQ(DecimalString(0), "0");
  EXPECT_EQ(DecimalString(-12.5), "-12.5");
  EXPECT_EQ(DecimalString(-1234.5678901234567), "-1234.5678901235");
  for (const double value : {1.0 / 3, -1.0 / 3, -99999.123456789012, 1e-7 / 3, -1e300 / 3, 123456789012345678.0}) {
    const std::string text = DecimalString(value);
    EXPECT_LE(text.size(), 16U) << text;
    EXPECT_NEAR(std::stod(text) / value, 1, 1e-8) << text;
  }
}

}  // namespace
}  // namespace dinsd
