#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <thread>

#include "daemon/faults/fault_points.h"
#include "daemon/inspection/inspect_folder.h"
#include "daemon/messages/message_fields.h"
#include "daemon/process/child_process.h"
#include "daemon/process/message_channel.h"

// dinsd-reader: looks at one study, answers once, ends. It has the folder's descriptor and a socket to its parent, no
// device, no network and no database; if a hostile file brings it down, nothing is lost but one attempt.

namespace dinsd {
namespace {

int Main(bool has_fault_points) {
  const std::optional<Message> message = ReceiveMessage(kChildSocket);
  if (!message) return 0;
  const ReaderRequest request = ParseReaderRequest(message->text);
  const FaultPoints faults(has_fault_points);
  if (faults.Has("reader", "crash", request.name)) std::abort();
  if (faults.Has("reader", "slow", request.name)) std::this_thread::sleep_for(std::chrono::seconds(6));
  const std::string root = "/proc/self/fd/" + std::to_string(message->folder.get());
  SendMessage(kChildSocket, ReaderAnswerText(InspectFolder(root, request)));
  return 0;
}

}  // namespace
}  // namespace dinsd

int main(int argc, char** argv) {
  try {
    return dinsd::Main(argc > 1 && std::string_view(argv[1]) == "--fault-points");
  } catch (const dinsd::MessageError&) {
    std::fputs("<3>dinsd-reader: the parent speaks another protocol\n", stderr);
  } catch (const std::exception&) {
    std::fputs("<3>dinsd-reader: ended by an unexpected error\n", stderr);  // its words may name a file
  }
  return 1;
}
