#include "daemon/experiment/run_record.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/temp_folder.h"

namespace dinsd {
namespace {

struct Order {
  Order() {
    row.label = "DINs";
    order.row = &row;
    order.cases = {"a"};
    order.clicks = 2;
    order.name = "blocks-0123";
  }
  ExperimentRow row;
  EvaluationOrder order;
};

RunRecord Record() {
  RunRecord record;
  record.run.method = "another table's word";
  record.run.budget = 2;
  record.run.cases = {{"a", "image", "truth", {0.1, 1.0 / 3}, 2, "", {0.5, 7.25}}};
  record.training = TrainingOutcome{"", 7, 0.25, true, "step,loss\n7,0.5\n"};
  return record;
}

TEST(RunRecord, ComesBackAsItWas) {
  const TempFolder folder;
  const Order o;
  WriteRecord(folder.path() / "records", o.order, Record());
  const auto back = ReadRecord(folder.path() / "records", o.order);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->run.method, "DINs");
  EXPECT_EQ(back->run.cases.at(0).dice, Record().run.cases[0].dice);
  EXPECT_EQ(back->run.cases.at(0).seconds, Record().run.cases[0].seconds);
  ASSERT_TRUE(back->training);
  EXPECT_EQ(back->training->steps, 7);
  EXPECT_EQ(back->training->minutes, 0.25);
  EXPECT_TRUE(back->training->is_out_of_patience);
  EXPECT_EQ(back->training->log, "step,loss\n7,0.5\n");
}

TEST(RunRecord, OfAnotherBudgetOrOtherCasesOrDamagedIsNone) {
  const TempFolder folder;
  Order o;
  EXPECT_FALSE(ReadRecord(folder.path(), o.order));
  WriteRecord(folder.path(), o.order, Record());
  o.order.clicks = 3;
  EXPECT_FALSE(ReadRecord(folder.path(), o.order));
  o.order.clicks = 2;
  o.order.cases = {"b"};
  EXPECT_FALSE(ReadRecord(folder.path(), o.order));
  o.order.cases = {"a"};
  EXPECT_TRUE(ReadRecord(folder.path(), o.order));
  std::ofstream(folder.path() / "blocks-0123.json") << "{\"schema\": \"dins-run-record/1\", \"run\": 3}";
  EXPECT_FALSE(ReadRecord(folder.path(), o.order));
}

}  // namespace
}  // namespace dinsd
