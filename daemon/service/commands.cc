#include "daemon/service/commands.h"

#include <map>
#include <stdexcept>

#include "daemon/messages/message_fields.h"
#include "daemon/service/job_json.h"
#include "daemon/service/job_log.h"
#include "daemon/service/measure_again.h"

namespace dinsd {
namespace {

using JobCommand = JobQueue::Answer (JobQueue::*)(JobId, const std::string&, const std::string&);

const std::map<std::string, JobCommand> kJobCommands = {{"retry", &JobQueue::Retry},
                                                        {"cancel", &JobQueue::Cancel},
                                                        {"hold", &JobQueue::Hold},
                                                        {"release", &JobQueue::Release}};

const std::map<std::string, JobQueue::Mode> kModes = {
    {"pause", JobQueue::Mode::kPaused}, {"resume", JobQueue::Mode::kOpen}, {"drain", JobQueue::Mode::kDraining}};

JobId JobOf(MessageFields& fields) {
  return JobId{fields.Integer("job", 1, INT64_MAX)};
}

}  // namespace

nlohmann::json Commands::Answer(const nlohmann::json& request, const Requester& who) {
  MessageFields fields(request, "request");
  const std::string command = fields.String("command", 32);
  if (command == "submit") return Submit(request, who);
  if (command == "list") return List(request);
  if (command == "remeasure") return Remeasure(request, who);
  if (kModes.contains(command)) {
    fields.Done();
    return SetMode(command, who);
  }
  const bool is_job_command = kJobCommands.contains(command);
  if (!is_job_command && command != "show") throw std::runtime_error("unknown command");
  const JobId id = JobOf(fields);
  fields.Done();
  return is_job_command ? Change(command, id, who) : Show(id);
}

nlohmann::json Commands::Submit(const nlohmann::json& request, const Requester& who) {
  MessageFields fields(request, "request");
  (void)fields.String("command");
  const std::string path = fields.String("path");
  const std::optional<Lane> lane = LaneFromWord(fields.String("lane", 16));
  fields.Done();
  if (!lane) throw std::runtime_error("the lane is urgent, routine or bulk");
  const JobId id = intake_.Submit(path, *lane);
  LogJob(Severity::kInfo, "submitted", id, "", {{"who", who.Words()}});
  return {{"job", static_cast<std::int64_t>(id)}};
}

nlohmann::json Commands::List(const nlohmann::json& request) {
  MessageFields fields(request, "request");
  (void)fields.String("command");
  JobQueue::Filter filter;
  for (const std::string& word : fields.Strings("states", kJobStateCount)) {
    const std::optional<JobState> state = JobStateFromWord(word);
    if (!state) throw std::runtime_error("no job has the state '" + word + "'");
    filter.states.push_back(*state);
  }
  filter.after = JobId{fields.Integer("after", 0, INT64_MAX)};
  filter.limit = fields.Integer("limit", 1, 10'000);
  fields.Done();
  events_.on_look();
  nlohmann::json jobs = nlohmann::json::array();
  for (const Job& job : context_.queue.List(filter)) jobs.push_back(JobToJson(job));
  nlohmann::json counts = nlohmann::json::object();
  for (const auto& [state, count] : context_.queue.Counts()) counts[std::string(Word(state))] = count;
  nlohmann::json outbox = nlohmann::json::object();
  for (const auto& [state, count] : context_.outbox.Counts()) outbox[std::string(Word(state))] = count;
  return {{"jobs", jobs},
          {"counts", counts},
          {"mode", Word(context_.queue.mode())},
          {"notice", events_.notice()},
          {"outbox", outbox}};
}

nlohmann::json Commands::Show(JobId id) {
  const std::optional<JobHistory> history = context_.queue.Show(id);
  if (!history) throw std::runtime_error("there is no job " + std::to_string(static_cast<std::int64_t>(id)));
  nlohmann::json answer = HistoryToJson(*history);
  for (const OutboxEntry& entry : context_.outbox.List(id, {}, INT64_MAX)) {
    for (nlohmann::json& result : answer["results"]) {
      if (result.at("revision") == entry.key.revision)
        result["sent"].push_back({{"destination", entry.key.destination}, {"state", Word(entry.progress.state)}});
    }
  }
  return answer;
}

nlohmann::json Commands::Change(const std::string& command, JobId id, const Requester& who) {
  const JobQueue::Answer answer =
      (context_.queue.*kJobCommands.at(command))(id, who.Words(), command + " by dins queue");
  const std::string job = "job " + std::to_string(static_cast<std::int64_t>(id));
  if (answer.what == JobQueue::Answer::What::kNoSuchJob) throw std::runtime_error("there is no " + job);
  if (answer.what == JobQueue::Answer::What::kNotAllowed) {
    throw std::runtime_error(job + " is " + std::string(Word(answer.state)) + ": " + command + " is not possible");
  }
  LogJob(Severity::kInfo, command, id, "", {{"who", who.Words()}});
  events_.on_change();
  return {{"job", static_cast<std::int64_t>(id)}, {"state", Word(answer.state)}};
}

nlohmann::json Commands::Remeasure(const nlohmann::json& request, const Requester& who) {
  MessageFields fields(request, "request");
  (void)fields.String("command");
  const std::string weights = fields.String("weights", 64);
  const bool only_lists = fields.Boolean("list");
  fields.Done();
  nlohmann::json found = nlohmann::json::array();
  int queued = 0;
  for (const MeasuredOtherwise& one : AllMeasuredOtherwise(context_, weights)) {
    found.push_back({{"job", static_cast<std::int64_t>(one.job)},
                     {"revision", one.revision},
                     {"study", one.study},
                     {"weights_sha256", one.weights_sha256},
                     {"obstacle", one.obstacle}});
    if (!only_lists && one.obstacle.empty() && MeasureAgain(context_, one.job, who.Words(), "remeasure by dins queue"))
      ++queued;
  }
  if (queued > 0) events_.on_change();
  return {{"measured_otherwise", found}, {"queued", queued}};
}

nlohmann::json Commands::SetMode(const std::string& command, const Requester& who) {
  context_.queue.SetMode(kModes.at(command));
  Log(Severity::kInfo, command, {{"who", who.Words()}});
  events_.on_change();
  return {{"mode", Word(context_.queue.mode())}};
}

}  // namespace dinsd
