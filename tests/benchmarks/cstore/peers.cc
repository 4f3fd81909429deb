#include "tests/benchmarks/cstore/peers.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <thread>

#include "daemon/service/listening_socket.h"
#include "tests/daemon/receiver/made_objects.h"
#include "tests/folders.h"

namespace dinsd {
namespace {

constexpr int kRows = 321, kColumns = 1080;
constexpr const char* kLargestPdu = "131072";

DcmDataset LargeObject(const std::string& instance, unsigned seed) {
  DcmDataset data = MakeDataSet(0);
  Put(data, DCM_SOPInstanceUID, instance);
  PutNumber(data, DCM_Rows, kRows);
  PutNumber(data, DCM_Columns, kColumns);
  std::minstd_rand random(seed + 1);
  std::vector<Uint16> pixels(static_cast<std::size_t>(kRows) * kColumns);
  for (Uint16& pixel : pixels) pixel = static_cast<Uint16>(random() % 4096);
  data.putAndInsertUint16Array(DCM_PixelData, pixels.data(), pixels.size());
  return data;
}

pid_t Start(std::vector<std::string> words, bool is_tuned) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  if (is_tuned) ::setenv("TCP_NODELAY", "1", 1);
  const int nowhere = ::open("/dev/null", O_RDWR);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nowhere, fd);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

int WaitFor(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace

std::string LargeDataSet(const std::string& instance, unsigned seed) {
  DcmDataset data = LargeObject(instance, seed);
  return DataSetOf(FileOf(data));
}

MadeObjects::MadeObjects() : folder_(kBuildFolder) {
  for (int n = 0; n < kObjects; ++n) {
    DcmDataset data = LargeObject(std::string("1.2.3.4.").append(std::to_string(n)), static_cast<unsigned>(n));
    folder_.Write(std::to_string(n % kGroups) + "/" + std::to_string(n), FileOf(data));
  }
}

double SecondsOf(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void SendFolders(const Sending& sending, const std::vector<std::filesystem::path>& folders) {
  std::vector<pid_t> senders;
  for (const std::filesystem::path& folder : folders) {
    std::vector<std::string> words = {"storescu", "+sd", "+r", "-aec", "DINSD"};
    if (sending.is_tuned) words.insert(words.end(), {"--max-pdu", kLargestPdu});
    words.insert(words.end(), {"127.0.0.1", std::to_string(sending.port), folder.string()});
    senders.push_back(Start(words, sending.is_tuned));
  }
  bool have_all_sent = true;
  for (const pid_t sender : senders) have_all_sent = WaitFor(sender) == 0 && have_all_sent;
  if (!have_all_sent) throw std::runtime_error("storescu could not send all");
}

Storescp::Storescp(const std::vector<std::string>& options, bool is_tuned)
    : port_(PortOf(ListenAt("127.0.0.1", 0).get())) {
  std::vector<std::string> words = {"storescp"};
  words.insert(words.end(), options.begin(), options.end());
  if (is_tuned) words.insert(words.end(), {"--max-pdu", kLargestPdu});
  words.push_back(std::to_string(port_));
  pid_ = Start(words, is_tuned);
  const std::string echo = "echoscu 127.0.0.1 " + std::to_string(port_) + " > /dev/null 2>&1";
  for (int attempt = 0; std::system(echo.c_str()) != 0; ++attempt) {
    if (attempt == 100) throw std::runtime_error("storescp does not listen");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

Storescp::~Storescp() {
  ::kill(pid_, SIGKILL);
  (void)WaitFor(pid_);
}

bool HasDcmtkTools() {
  return std::system("storescu --version > /dev/null 2>&1 && storescp --version > /dev/null 2>&1") == 0;
}

}  // namespace dinsd
