#include <dcmtk/dcmdata/dcdict.h>
#include <dcmtk/oflog/oflog.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "daemon/messages/message_fields.h"
#include "daemon/messages/receiver_messages.h"
#include "daemon/process/child_process.h"
#include "daemon/process/message_channel.h"
#include "daemon/receiver/receiver.h"
#include "daemon/receiver/sender.h"

// dinsd-receiver: takes DICOM objects from the network into its spool. It is a child of dinsd, from which it has its
// orders and the listening socket; it has no database, no device and no decoder of pixels. `dinsd-receiver --send
// FOLDER` sends what dinsd puts into that spool; it may be a service of its own, since dinsd itself has no network
// there.

namespace dinsd {
namespace {

constexpr std::size_t kStackBytes = std::size_t{1} << 20U;

// Many threads that are idle most of the time, in an address space that is limited.
void UseLittleMemory() {
  ::mallopt(M_ARENA_MAX, 2);
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstacksize(&attributes, kStackBytes);
  ::pthread_setattr_default_np(&attributes);
  ::pthread_attr_destroy(&attributes);
}

// Beside the parent, or as a service of its own: then nobody is told, and the log goes as it would there.
void Send(const std::vector<std::string>& words) {
  constexpr std::size_t kForm = 2, kSeverity = 3;
  const bool is_child = words.size() > kSeverity;
  SetUpLog(is_child ? static_cast<LogForm>(std::stoi(words[kForm])) : LogFormOfStandardError(),
           is_child ? static_cast<Severity>(std::stoi(words[kSeverity])) : Severity::kInfo);
  ::setenv("TCP_NODELAY", "1", 1);  // DCMTK reads it; without it each object takes 40 ms more
  (void)dcmDataDict.isDictionaryLoaded();
  Sender(words.at(1)).Run(is_child ? kChildSocket : -1);
}

int Main(const std::vector<std::string>& words) {
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::signal(SIGPIPE, SIG_IGN);
  UseLittleMemory();
  OFLog::configure(OFLogger::OFF_LOG_LEVEL);  // its lines may name patients
  if (words.size() >= 2 && words[0] == "--send") {
    Send(words);
    return 0;
  }
  std::optional<Message> message = ReceiveMessage(kChildSocket);
  if (!message) return 0;
  const ReceiverOrder order = ParseReceiverOrder(message->text);
  SetUpLog(order.log_form, order.least_severity);
  (void)dcmDataDict.isDictionaryLoaded();  // before there are threads
  Receiver(order.settings, std::move(message->folder), kChildSocket).Run();
  return 0;
}

}  // namespace
}  // namespace dinsd

int main(int argc, char** argv) {
  try {
    return dinsd::Main({argv + 1, argv + argc});
  } catch (const dinsd::MessageError&) {
    std::fputs("<3>dinsd-receiver: the parent speaks another protocol\n", stderr);
  } catch (const std::exception& error) {  // no object has been seen
    std::fprintf(stderr, "<3>dinsd-receiver: %s\n", error.what());
  }
  return 1;
}
