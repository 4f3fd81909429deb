#include "daemon/service/sending.h"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <system_error>

#include "daemon/log/log.h"
#include "daemon/messages/message_fields.h"
#include "daemon/outgoing/folder_delivery.h"
#include "pipeline/write/dicom_uid.h"

namespace dinsd {
namespace {

constexpr std::chrono::seconds kAnswerLimit{3600};  // for the sender, however large the result and slow the peer

nlohmann::json FieldsOf(const OutboxKey& key) {
  return {{"job", static_cast<std::int64_t>(key.job)}, {"revision", key.revision}, {"destination", key.destination}};
}

// Nobody can foresee it: who could, could report on it.
std::string NewTransaction() {
  const RandomBits random = SystemRandom();
  std::string text("storage commitment");
  for (int i = 0; i < 4; ++i) text.append(" ").append(std::to_string(random()));
  return UidOfText(text);
}

ConfirmBy ConfirmByOf(const OutboxOptions& options) {
  if (!options.query) return ConfirmBy::kCommitment;
  return options.commitment ? ConfirmBy::kEither : ConfirmBy::kQuery;
}

SendOrder OrderOf(const DestinationSettings& destination, const OutboxEntry& entry, const Parcel& parcel) {
  return {entry.key,
          entry.attempt,
          AddressOf(destination),
          entry.progress.is_stored,
          entry.transaction_uid.value_or(""),
          ConfirmByOf(destination.outbox),
          parcel.files};
}

}  // namespace

Sending::Sending(ServiceContext& context)
    : context_(context), spool_(context.settings.sender.spool_dir), sender_(context) {}

const DestinationSettings* Sending::FindDestination(const std::string& name) const {
  const std::vector<DestinationSettings>& all = context_.settings.destinations;
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& known) { return known.name == name; });
  return found == all.end() ? nullptr : &*found;
}

OutboxOptions Sending::OptionsOf(const std::string& name) const {
  const DestinationSettings* const destination = FindDestination(name);
  return destination == nullptr ? OutboxOptions() : destination->outbox;
}

void Sending::Configure() {
  spool_ = OutgoingSpool(context_.settings.sender.spool_dir);
  const std::vector<DestinationSettings>& all = context_.settings.destinations;
  has_spool_ = std::any_of(all.begin(), all.end(), [](const auto& d) { return d.kind == DestinationKind::kCStore; });
  try {
    if (has_spool_) spool_.Make();
  } catch (const std::system_error& error) {
    Log(Severity::kError, "the outgoing spool cannot be made", {{"errno", error.code().value()}});
    has_spool_ = false;
  }
  HandBackLost();
  sender_.Configure();
}

void Sending::Stop() {
  sender_.Stop();
}

void Sending::Tick() {
  OfferNew();
  if (has_spool_) {
    TakeAnswers();
    TakeReports();
  }
  SettleOverdue();
  BeginDue();
}

void Sending::OfferNew() {
  for (const PublishedResult& result : context_.outbox.Unoffered()) {
    const auto place = context_.results.Place(static_cast<std::int64_t>(result.job), result.revision);
    std::vector<Outbox::Offered> offered;
    for (const DestinationSettings& destination : context_.settings.destinations) {
      if (destination.takes.empty()) continue;  // it is only asked
      const Parcel parcel = PackFor(destination, place);
      offered.push_back({destination.name, parcel.withheld_code, parcel.withheld_sentence});
    }
    context_.outbox.Offer(result.job, result.revision, offered);
  }
}

// The daemon ended between the row and the order, or the spool was emptied.
void Sending::HandBackLost() {
  std::set<std::string> known;
  for (const OutboxEntry& entry : context_.outbox.List({}, {OutboxState::kSending}, INT64_MAX)) {
    const std::string name = OrderName(entry.key, entry.attempt);
    known.insert(name);
    if (spool_.HasOrder(name) || spool_.HasAnswer(name)) continue;
    (void)context_.outbox.End(entry.key, entry.attempt, SendEnd::kHandedBack, OptionsOf(entry.key.destination), {});
  }
  for (const std::string& name : spool_.Orders()) {
    if (!known.contains(name)) spool_.Remove(name);
  }
}

void Sending::TakeAnswers() {
  for (const OutgoingSpool::Letter& letter : spool_.Answers()) {
    try {
      Record(ParseSendAnswer(letter.text));
    } catch (const MessageError&) {
      Log(Severity::kError, "the sender spoke nonsense");
    }
    spool_.Remove(letter.file.stem());
  }
}

void Sending::Record(const SendAnswer& answer) {
  const OutboxOptions options = OptionsOf(answer.key.destination);
  if (context_.outbox.End(answer.key, answer.attempt, answer.end, options, answer.reason, answer.objects) ==
      Fenced::kStale) {
    Log(Severity::kWarning, "answer to an attempt that counts no more", FieldsOf(answer.key));
    return;
  }
  nlohmann::json fields = FieldsOf(answer.key);
  const std::optional<OutboxEntry> entry = context_.outbox.Find(answer.key);
  if (entry) fields["state"] = Word(entry->progress.state);
  if (!answer.reason.code.empty()) fields["code"] = answer.reason.code;
  const bool is_good = answer.end == SendEnd::kStored;
  Log(is_good ? Severity::kInfo : Severity::kWarning, is_good ? "delivered" : "not delivered", fields);
}

void Sending::TakeReports() {
  for (const OutgoingSpool::Letter& letter : spool_.Reports()) {
    Outbox::Confirmed confirmed = Outbox::Confirmed::kUnknown;
    try {
      const CommitmentReport report = ParseCommitmentReport(letter.text);
      const std::optional<OutboxEntry> entry = context_.outbox.FindTransaction(report.transaction_uid);
      const std::string destination = entry ? entry->key.destination : "";
      confirmed =
          context_.outbox.Confirm(report.transaction_uid, report.kept, OptionsOf(destination), report.is_by_query);
      if (entry && confirmed == Outbox::Confirmed::kDone)
        Log(Severity::kInfo, report.is_by_query ? "answer to a query" : "commitment", FieldsOf(entry->key));
    } catch (const MessageError&) {
    }
    if (confirmed == Outbox::Confirmed::kTooEarly) continue;
    if (confirmed == Outbox::Confirmed::kUnknown) Log(Severity::kWarning, "report on an unknown storage commitment");
    std::error_code ignored;
    std::filesystem::remove(letter.file, ignored);
  }
}

void Sending::SettleOverdue() {
  for (const OutboxEntry& entry : context_.outbox.Overdue()) {
    const OutboxOptions options = OptionsOf(entry.key.destination);
    if (entry.progress.state == OutboxState::kUnconfirmed) {
      context_.outbox.GiveUpWaiting(entry.key, options);
      Log(Severity::kWarning, "no confirmation came in time", FieldsOf(entry.key));
      continue;
    }
    spool_.Remove(OrderName(entry.key, entry.attempt));
    (void)context_.outbox.End(entry.key, entry.attempt, SendEnd::kUnreached, options,
                              {"SENDER_SILENT", "", "", "the sender gave no answer: does it run?"});
    Log(Severity::kError, "the sender gave no answer", FieldsOf(entry.key));
  }
}

void Sending::BeginDue() {
  if (context_.settings.destinations.empty() || !context_.results.Obstacle().empty()) return;
  for (const DestinationSettings& destination : context_.settings.destinations) {
    if (destination.kind == DestinationKind::kCStore && !has_spool_) continue;
    const std::optional<OutboxEntry> entry =
        context_.outbox.Begin(destination.name, destination.outbox, kAnswerLimit, NewTransaction());
    if (entry) BeginOne(destination, *entry);
  }
}

void Sending::BeginOne(const DestinationSettings& destination, const OutboxEntry& entry) {
  const auto number = static_cast<std::int64_t>(entry.key.job);
  const std::filesystem::path result = context_.results.Place(number, entry.key.revision);
  const auto wrong = [&](const std::string& code, const std::string& sentence) {
    Record({entry.key, entry.attempt, SendEnd::kWrongResult, {code, "", "", sentence}, {}});
  };
  const std::vector<PublishedResult> published = context_.queue.Results(entry.key.job);
  const auto recorded = std::find_if(published.begin(), published.end(),
                                     [&](const PublishedResult& r) { return r.revision == entry.key.revision; });
  if (recorded == published.end() ||
      context_.results.DigestInPlace(number, entry.key.revision, recorded->key) != recorded->digest)
    return wrong("RESULT_CHANGED", "the files in results_dir are not those that were published: nothing was sent");
  const Parcel parcel = PackFor(destination, result);
  if (!parcel.withheld_code.empty()) return wrong(parcel.withheld_code, parcel.withheld_sentence);
  try {
    HandOver(destination, entry, parcel, result);
  } catch (const std::exception& error) {  // no room in the spool, say
    Record({entry.key, entry.attempt, SendEnd::kUnreached, {"SPOOL", "", "", error.what()}, {}});
  }
}

void Sending::HandOver(const DestinationSettings& destination, const OutboxEntry& entry, const Parcel& parcel,
                       const std::filesystem::path& result) {
  if (destination.kind == DestinationKind::kFolder)
    return Record(DeliverToFolder(entry.key, entry.attempt, parcel.files, result, destination.folder));
  if (!spool_.Put(OrderOf(destination, entry, parcel), result))
    Record({entry.key, entry.attempt, SendEnd::kWrongResult, {"RESULT_CHANGED", "", "", "a digest differs"}, {}});
}

std::string Sending::Words() {
  std::string words;
  for (const auto& [state, count] : context_.outbox.Counts()) {
    const bool is_told = state == OutboxState::kPending || state == OutboxState::kSending ||
                         state == OutboxState::kUnconfirmed || state == OutboxState::kFailed;
    if (!is_told) continue;
    words += (words.empty() ? "sending: " : ", ") + std::to_string(count) + " " + std::string(Word(state));
  }
  return words;
}

void Sending::SendNow(JobId job, std::int64_t revision, const std::string& name) {
  const DestinationSettings* const destination = FindDestination(name);
  if (destination == nullptr) throw std::runtime_error("no destination is named \"" + name + "\"");
  const std::vector<PublishedResult> results = context_.queue.Results(job);
  const std::string words = "job " + std::to_string(static_cast<std::int64_t>(job));
  if (results.empty()) throw std::runtime_error(words + " has no result");
  if (revision == 0) revision = results.back().revision;
  const Parcel parcel = PackFor(*destination, context_.results.Place(static_cast<std::int64_t>(job), revision));
  if (!parcel.withheld_code.empty()) throw std::runtime_error(parcel.withheld_code + ": " + parcel.withheld_sentence);
  const OutboxKey key{job, revision, name};
  switch (context_.outbox.SendNow(key)) {
    case Outbox::Answer::kNoSuchResult:
      throw std::runtime_error(words + " has no revision " + std::to_string(revision));
    case Outbox::Answer::kHasSuccessor:
      throw std::runtime_error(words + " has a newer revision: an older one is not sent after it");
    case Outbox::Answer::kNotAllowed:
      throw std::runtime_error(words + " is " + std::string(Word(context_.outbox.Find(key)->progress.state)) + " at " +
                               name);
    case Outbox::Answer::kDone:
      return;
  }
}

}  // namespace dinsd
