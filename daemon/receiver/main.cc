#include <dcmtk/dcmdata/dcdict.h>
#include <dcmtk/oflog/oflog.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>

#include <cstdio>
#include <exception>
#include <optional>

#include "daemon/messages/message_fields.h"
#include "daemon/messages/receiver_messages.h"
#include "daemon/process/child_process.h"
#include "daemon/process/message_channel.h"
#include "daemon/receiver/receiver.h"

// dinsd-receiver: takes DICOM objects from the network into its spool. It is a child of dinsd, from which it has its
// orders and the listening socket; it has no database, no device and no decoder of pixels.

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

int Main() {
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::signal(SIGPIPE, SIG_IGN);
  UseLittleMemory();
  OFLog::configure(OFLogger::OFF_LOG_LEVEL);  // its lines may name patients
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

int main() {
  try {
    return dinsd::Main();
  } catch (const dinsd::MessageError&) {
    std::fputs("<3>dinsd-receiver: the parent speaks another protocol\n", stderr);
  } catch (const std::exception& error) {  // no object has been seen
    std::fprintf(stderr, "<3>dinsd-receiver: %s\n", error.what());
  }
  return 1;
}
