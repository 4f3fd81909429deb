#include "pipeline/interval/run_again.h"

#include <algorithm>
#include <exception>
#include <new>
#include <string>

namespace dinsd {
namespace {

// What the caller's own progress throws is no failure of a re-run.
struct FromCaller {
  std::exception_ptr thrown;
};

OnPass Marked(const OnPass& on_pass) {
  return [&on_pass](const std::string& words, double share) {
    try {
      on_pass(words, share);
    } catch (const std::exception&) {
      throw FromCaller{std::current_exception()};
    }
  };
}

// LibTorch goes on for pages, with addresses.
std::string FirstLine(const std::string& words) {
  constexpr std::size_t kMost = 200;
  return words.substr(0, std::min(words.find('\n'), kMost));
}

void NoReruns(const std::string& why, StudyResult& result) {
  result.no_reruns = why;
  result.warnings.push_back("no intervals: " + why + "; masks and volumes are complete");
}

}  // namespace

std::vector<std::vector<double>> RunAgain(const SegmentedStudy& study, LoadedModel& model, RerunTime& time,
                                          const OnPass& on_pass, StudyResult& result) {
  try {
    return RerunVolumes(study, model, result.options, Marked(on_pass), time);
  } catch (const FromCaller& from) {
    std::rethrow_exception(from.thrown);
  } catch (const OutOfTime&) {
    NoReruns("the re-runs were ended, the study would have taken longer than it may", result);
  } catch (const std::bad_alloc&) {
    NoReruns("the study could not be run again: out of memory", result);
  } catch (const std::exception& error) {
    NoReruns("the study could not be run again: " + FirstLine(error.what()), result);
  }
  return std::vector<std::vector<double>>(result.lesions.size());
}

}  // namespace dinsd
