#include "daemon/service/outbox_commands.h"

#include <stdexcept>

#include "daemon/messages/message_fields.h"
#include "daemon/service/job_json.h"
#include "daemon/service/job_log.h"

namespace dinsd {
namespace {

using nlohmann::json;

json ObjectToJson(const OutboxObject& object) {
  json text = {{"file", object.file}, {"sop_instance", object.sop_instance}, {"is_committed", object.is_committed}};
  text["status"] = object.status ? json(*object.status) : json(nullptr);
  return text;
}

json DestinationToJson(Outbox& outbox, const DestinationSettings& destination) {
  const auto [pulse, sentence] = outbox.Pulse(destination.name);
  return {{"name", destination.name},
          {"failures", pulse.failures},
          {"is_open", IsOpen(pulse, destination.outbox)},
          {"not_before", pulse.failures > 0 ? TimeText(pulse.closed_until) : ""},
          {"sentence", sentence}};
}

}  // namespace

json EntryToJson(Outbox& outbox, const OutboxEntry& entry) {
  json objects = json::array();
  for (const OutboxObject& object : outbox.Objects(entry.key)) objects.push_back(ObjectToJson(object));
  const SendProgress& progress = entry.progress;
  return {{"job", static_cast<std::int64_t>(entry.key.job)},
          {"revision", entry.key.revision},
          {"destination", entry.key.destination},
          {"state", Word(progress.state)},
          {"attempt", entry.attempt},
          {"failures", progress.failures},
          {"next", progress.state == OutboxState::kPending ? TimeText(progress.next_at) : ""},
          {"code", entry.code},
          {"sentence", entry.sentence},
          {"changed", TimeText(entry.changed_at)},
          {"objects", objects}};
}

bool OutboxCommands::Knows(const std::string& command) {
  return command == "outbox" || command == "outbox-send";
}

json OutboxCommands::Answer(const json& request, const Requester& who) {
  return request.at("command") == "outbox" ? List(request) : Send(request, who);
}

json OutboxCommands::List(const json& request) {
  MessageFields fields(request, "request");
  (void)fields.String("command");
  const std::int64_t job = fields.Integer("job", 0, INT64_MAX);
  std::vector<OutboxState> states;
  for (const std::string& word : fields.Strings("states", kOutboxStateCount)) {
    const std::optional<OutboxState> state = OutboxStateFromWord(word);
    if (!state) throw std::runtime_error("no result has the state '" + word + "'");
    states.push_back(*state);
  }
  const std::int64_t limit = fields.Integer("limit", 1, 10'000);
  fields.Done();
  json entries = json::array();
  const std::optional<JobId> only = job == 0 ? std::nullopt : std::optional(JobId{job});
  for (const OutboxEntry& entry : context_.outbox.List(only, states, limit))
    entries.push_back(EntryToJson(context_.outbox, entry));
  json counts = json::object();
  for (const auto& [state, count] : context_.outbox.Counts()) counts[std::string(Word(state))] = count;
  json destinations = json::array();
  for (const DestinationSettings& destination : context_.settings.destinations)
    destinations.push_back(DestinationToJson(context_.outbox, destination));
  return {{"entries", entries}, {"counts", counts}, {"destinations", destinations}};
}

json OutboxCommands::Send(const json& request, const Requester& who) {
  MessageFields fields(request, "request");
  (void)fields.String("command");
  const JobId job{fields.Integer("job", 1, INT64_MAX)};
  const std::int64_t revision = fields.Integer("revision", 0, INT64_MAX);
  const std::string destination = fields.String("destination", 64);
  fields.Done();
  sending_.SendNow(job, revision, destination);
  LogJob(Severity::kInfo, "sent again by hand", job, "", {{"who", who.Words()}, {"destination", destination}});
  return {{"job", static_cast<std::int64_t>(job)}, {"state", "pending"}};
}

}  // namespace dinsd
