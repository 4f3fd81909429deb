#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/receiver/made_objects.h"
#include "tests/daemon/receiver/test_receiver.h"
#include "tests/daemon/run_dins.h"

// `dins dicom` against a real receiver.

namespace dinsd {
namespace {

using testing::HasSubstr;

std::string End(const TestReceiver& receiver) {
  return " 127.0.0.1 " + std::to_string(receiver.port());
}

TEST(DicomCommand, EchoTellsWhetherAPeerAnswers) {
  TestReceiver receiver;
  receiver.Start();
  const Ran answered = Dins("dicom echo" + End(receiver));
  EXPECT_EQ(answered.status, 0) << answered.output;
  EXPECT_THAT(answered.output, HasSubstr("it answers"));
  const Ran refused = Dins("dicom echo --called OTHER" + End(receiver));
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.output, HasSubstr("no association with" + End(receiver).substr(0, 10)));
}

TEST(DicomCommand, SendSendsEveryObjectOfAFolderAsItIs) {
  TestReceiver receiver;
  receiver.Start();
  MadeStudy study(7);
  study.Write("deeper/implicit.dcm", MakeSlice(7, {}, EXS_LittleEndianImplicit));
  study.Write("notes.txt", "no DICOM");
  const Ran sent = Dins("dicom send " + study.root().string() + End(receiver));
  EXPECT_EQ(sent.status, 0) << sent.output;
  EXPECT_THAT(sent.output, HasSubstr("8 of 8 objects sent and kept; 1 other files left out"));
  EXPECT_EQ(receiver.Objects().size(), 8U);
  EXPECT_EQ(receiver.Studies().size(), 1U);
}

TEST(DicomCommand, SendTellsWhatWasNotKept) {
  TestReceiver receiver;
  receiver.settings.max_objects = 2;
  receiver.Start();
  const MadeStudy study(3);
  const Ran sent = Dins("dicom send " + study.root().string() + End(receiver));
  EXPECT_EQ(sent.status, 1);
  EXPECT_THAT(sent.output, HasSubstr("slice2.dcm: answered 0xA700"));
  EXPECT_THAT(sent.output, HasSubstr("2 of 3 objects sent and kept"));
}

}  // namespace
}  // namespace dinsd
