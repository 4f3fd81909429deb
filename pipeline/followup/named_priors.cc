#include "pipeline/followup/named_priors.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "pipeline/followup/json_text.h"
#include "pipeline/followup/prior_objects.h"
#include "pipeline/prompt/prompt_space.h"
#include "pipeline/prompt/proposal.h"
#include "pipeline/read/dicom_prescan.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/json_schema.h"

namespace dinsd {
namespace {

using nlohmann::json;

// Of the result's own object with that UID; none where it has no such.
std::vector<NumberedLesion> OwnLesions(const std::string& uid, const ResultPlace& place, const ReadLimits& limits) {
  const json result = ReadResultJson(place.result, "result.json");
  for (const auto& [file, facts] : result.at("files").items()) {
    if (!file.ends_with(".dcm")) continue;
    const std::vector<std::byte> bytes = ReadFileBytes(place.result, file, limits.max_file_bytes);
    const DicomLayout layout = PrescanDicom(bytes, file);
    if (layout.sop_instance_uid == uid) return LesionsOfObject(bytes, file, layout.sop_class_uid);
  }
  return {};
}

// Of the object with that UID which the result was imported from.
std::vector<NumberedLesion> ImportedLesions(const std::string& uid, const ResultPlace& place) {
  const json report = ReadResultJson(place.result, "report.json");
  std::vector<NumberedLesion> lesions;
  if (!report.contains("imported")) return lesions;
  const json& imported = report.at("imported");
  const json& rows = imported.at("lesions");
  for (std::size_t n = 0; n < rows.size(); ++n) {
    const json& file = imported.at("files").at(rows.at(n).at("file").get<std::size_t>());
    if (file.at("sop_instance_uid") != uid) continue;
    lesions.push_back({rows.at(n).at("number").get<std::int64_t>(), static_cast<std::uint16_t>(n + 1)});
  }
  return lesions;
}

std::optional<std::uint16_t> Chosen(const std::vector<NumberedLesion>& lesions, const PromptPrior& named) {
  const std::optional<int> number = named.segment_number ? named.segment_number : named.roi_number;
  if (!number) return lesions.size() == 1 ? std::optional(lesions.front().label) : std::nullopt;
  const auto found = std::find_if(lesions.begin(), lesions.end(),
                                  [&](const NumberedLesion& lesion) { return lesion.number == *number; });
  return found == lesions.end() ? std::nullopt : std::optional(found->label);
}

// The label of the object's lesion in the mask of that result.
std::optional<std::uint16_t> LabelIn(const PromptPrior& named, const ResultPlace& place, const ReadLimits& limits) {
  std::vector<NumberedLesion> lesions = OwnLesions(named.sop_instance_uid, place, limits);
  if (lesions.empty()) lesions = ImportedLesions(named.sop_instance_uid, place);
  return Chosen(lesions, named);
}

// 4 of "r4"; nothing of another name.
std::optional<std::int64_t> RevisionIn(const std::string& name) {
  std::int64_t number = 0;
  const char* const end = name.data() + name.size();
  if (!name.starts_with('r')) return std::nullopt;
  const auto [stop, error] = std::from_chars(name.data() + 1, end, number);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

// The final results of the same study before this one, the newest first.
std::vector<ResultPlace> OlderRevisions(const ResultPlace& place) {
  const std::optional<std::int64_t> own = RevisionIn(place.result.filename().string());
  std::vector<std::pair<std::int64_t, ResultPlace>> older;
  std::error_code error;
  for (std::filesystem::directory_iterator at(place.result.parent_path(), error), end; own && !error && at != end;
       at.increment(error)) {
    const std::optional<std::int64_t> revision = RevisionIn(at->path().filename().string());
    if (!revision || *revision >= *own) continue;
    ResultPlace one = place;
    one.result = at->path();
    if (TextAt(ReadResultJson(one.result, "report.json"), "state") == "final") older.emplace_back(*revision, one);
  }
  std::sort(older.begin(), older.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<ResultPlace> places;
  places.reserve(older.size());
  for (auto& [revision, one] : older) places.push_back(std::move(one));
  return places;
}

// The label that a lesion of an older revision has in the result now, by its tracking UID.
std::optional<std::uint16_t> LabelNow(std::uint16_t label, const ResultPlace& older, const ResultPlace& place) {
  const std::vector<PriorLesion> before = LesionsOfReport(ReadResultJson(older.result, "report.json")),
                                 now = LesionsOfReport(ReadResultJson(place.result, "report.json"));
  const auto lesion =
      std::find_if(before.begin(), before.end(), [&](const PriorLesion& known) { return known.label == label; });
  if (lesion == before.end()) return std::nullopt;
  const auto same = std::find_if(now.begin(), now.end(),
                                 [&](const PriorLesion& known) { return known.tracking_uid == lesion->tracking_uid; });
  return same == now.end() ? std::nullopt : std::optional(same->label);
}

std::optional<NamedLesion> Find(const PromptPrior& named, const ResultPlace& place, const ReadLimits& limits) {
  if (const std::optional<std::uint16_t> label = LabelIn(named, place, limits)) return NamedLesion{*label, false};
  for (const ResultPlace& older : OlderRevisions(place)) {
    const std::optional<std::uint16_t> label = LabelIn(named, older, limits);
    const std::optional<std::uint16_t> now = label ? LabelNow(*label, older, place) : std::nullopt;
    if (now) return NamedLesion{*now, true};
  }
  return std::nullopt;
}

const FollowedLesion* WithLabel(const std::vector<FollowedLesion>& lesions, std::uint16_t label) {
  const auto found = std::find_if(lesions.begin(), lesions.end(),
                                  [&](const FollowedLesion& lesion) { return lesion.prior.label == label; });
  return found == lesions.end() ? nullptr : &*found;
}

// What is proposed inside a lesion of the prior; nothing where its place is not imaged.
std::vector<PromptClick> ProposedFor(const Prompts& proposed, const std::string& prior_id, const Prompts& clicks) {
  const auto found = std::find_if(proposed.lesions.begin(), proposed.lesions.end(),
                                  [&](const PromptLesion& lesion) { return lesion.id == prior_id; });
  if (found == proposed.lesions.end()) return {};
  std::vector<PromptClick> taken = found->clicks;
  for (PromptClick& click : taken) click.p = FromLps(clicks, click.p);
  return taken;
}

void Warn(const PromptLesion& lesion, const std::string& sentence, Prompts& clicks) {
  clicks.warnings.push_back("lesion " + QuotedForMessage(lesion.id) + ": " + sentence);
}

bool IsNamed(const PromptLesion& lesion) {
  return lesion.prior && lesion.clicks.empty() && !lesion.box;
}

// Nothing, with the reason among the warnings, where the object cannot be read.
std::optional<NamedLesion> FindOrWarn(const PromptLesion& lesion, const ResultPlace& place, const ReadLimits& limits,
                                      Prompts& clicks) {
  try {
    std::optional<NamedLesion> found = LesionOfPrior(*lesion.prior, place, limits);
    if (!found) Warn(lesion, "the result that was followed has no such segment or region as its prior names", clicks);
    return found;
  } catch (const InputError& error) {
    Warn(lesion, "what its prior names cannot be read, " + error.code() + ": " + error.sentence(), clicks);
    return std::nullopt;
  }
}

FollowedLesion Take(FollowedLesion prior, bool is_superseded, const Followed& followed, Prompts& clicks,
                    PromptLesion& lesion) {
  lesion.clicks = ProposedFor(followed.prompts, prior.prior.id, clicks);
  if (lesion.tracking_uid.empty()) lesion.tracking_uid = prior.prior.tracking_uid;
  if (lesion.clicks.empty()) Warn(lesion, "the place of its prior does not lie in today's field of view", clicks);
  prior.prior.id = lesion.id;
  if (!is_superseded) return prior;
  prior.flags.emplace_back("prior_superseded");
  Warn(lesion, "its prior names an object of a revision that was superseded; what was followed is the newest one",
       clicks);
  return prior;
}

}  // namespace

std::optional<NamedLesion> LesionOfPrior(const PromptPrior& named, const ResultPlace& place, const ReadLimits& limits) {
  try {
    return Find(named, place, limits);
  } catch (const json::exception& error) {
    throw InputError("PRIOR_RESULT", "report.json", "", std::string("the result cannot be understood: ") + error.what(),
                     InputVerdict::kNeedsPrompts);
  }
}

PairedPrompts WithNamedPriors(PairedPrompts clicks, const ResultPlace& place, const ReadLimits& limits,
                              Followed& followed) {
  Prompts& prompts = clicks.prompts;
  prompts.warnings.insert(prompts.warnings.end(), followed.prompts.warnings.begin(), followed.prompts.warnings.end());
  std::vector<FollowedLesion> taken;
  std::set<std::uint16_t> labels;
  for (PromptLesion& lesion : prompts.lesions) {
    if (!IsNamed(lesion)) continue;
    const std::optional<NamedLesion> named = FindOrWarn(lesion, place, limits, prompts);
    const FollowedLesion* prior = named ? WithLabel(followed.follow_up.lesions, named->label) : nullptr;
    if (prior == nullptr) continue;
    if (!labels.insert(named->label).second) {
      Warn(lesion, "a lesion before it names the same one of the prior", prompts);
      continue;
    }
    taken.push_back(Take(*prior, named->is_superseded, followed, prompts, lesion));
  }
  followed.follow_up.lesions = std::move(taken);
  return clicks;
}

NamedClicks FollowNamedPriors(PairedPrompts clicks, const ResultPlace& place, const ReadLimits& limits,
                              const std::function<Followed()>& follow) {
  try {
    Followed followed = follow();
    PairedPrompts given = WithNamedPriors(clicks, place, limits, followed);
    return {std::move(given), std::move(followed.follow_up)};
  } catch (const InputError& error) {
    const std::vector<PromptLesion>& lesions = clicks.prompts.lesions;
    const bool is_all = std::all_of(lesions.begin(), lesions.end(), IsNamed);
    if (error.verdict() != InputVerdict::kNeedsPrompts || is_all) throw;
    for (const PromptLesion& lesion : lesions) {
      if (IsNamed(lesion))
        Warn(lesion, "nothing is proposed from its prior, " + error.code() + ": " + error.sentence(), clicks.prompts);
    }
  }
  return {std::move(clicks), std::nullopt};
}

void RefuseWithoutPriors(const PairedPrompts& clicks, const std::vector<std::string>& notes) {
  const std::vector<PromptLesion>& lesions = clicks.prompts.lesions;
  if (lesions.empty() || !std::all_of(lesions.begin(), lesions.end(), IsNamed)) return;
  std::string why = "nothing could be proposed for any lesion, and no other has a click or a box";
  for (const std::string& warning : clicks.prompts.warnings) why.append("; ").append(warning);
  for (const std::string& note : notes) {
    if (note.starts_with(kNoNamedPrior)) why.append("; ").append(note.substr(std::string_view(kNoNamedPrior).size()));
  }
  throw InputError("PROMPT_PRIOR_MISSING", clicks.file, "/lesions", why, InputVerdict::kNeedsPrompts);
}

}  // namespace dinsd
