#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/dins/dataset.h"

namespace dinsd {

/// What became of each click, in their order.
struct ClickAnswers {
  std::vector<double> dice;     // DSC on the image grid after it
  std::vector<double> seconds;  // of wall time that this click took, the choice of its place included
};

/// Takes down the answers of one interaction and the time that each took.
class AnswerLog {
 public:
  void Add(double dice) {
    const Clock::time_point now = Clock::now();
    answers_.dice.push_back(dice);
    answers_.seconds.push_back(std::chrono::duration<double>(now - last_).count());
    last_ = now;
  }
  [[nodiscard]] ClickAnswers Take() { return std::move(answers_); }

 private:
  using Clock = std::chrono::steady_clock;

  ClickAnswers answers_;
  Clock::time_point last_ = Clock::now();
};

/// A method of segmentation that answers the clicks of a simulated person. Not thread-safe: one per thread.
class InteractiveMethod {
 public:
  virtual ~InteractiveMethod() = default;

  /// How the arrays of a case are turned before this method sees them.
  [[nodiscard]] virtual AxisRule Axes() const = 0;

  /// Of the weights or settings: runs are the same method where it is equal.
  [[nodiscard]] virtual std::string Sha256() const = 0;

  /// What at most `clicks` clicks of both signs together bring; fewer where no error was left to click. No Dice ends
  /// the interaction before.
  [[nodiscard]] virtual ClickAnswers Answer(const LoadedCase& loaded, int clicks) = 0;
};

/// The network with a weights file, whole volume.
[[nodiscard]] std::unique_ptr<InteractiveMethod> MakeDinsMethod(const std::string& weights, const std::string& device);

/// The classical method of a word that BaselineOfWord (pipeline/baseline/baseline.h) knows. A box is the truth's
/// (BoxesAround), as a person who draws one well would have it.
[[nodiscard]] std::unique_ptr<InteractiveMethod> MakeBaselineMethod(const std::string& word);

/// The method that a word of the command line names: a classical method, or else a weights file (empty: the shipped
/// one) on `device` (auto, cpu or cuda:N). Throws std::runtime_error where the word is neither.
[[nodiscard]] std::unique_ptr<InteractiveMethod> MakeMethod(const std::string& word, const std::string& device);

/// What the method of a word is called in tables: the word itself, or the weights file's name without its ending
/// ("dins" for the shipped one).
[[nodiscard]] std::string NameOfMethod(const std::string& word);

}  // namespace dinsd
