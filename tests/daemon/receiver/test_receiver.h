#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "config/settings.h"
#include "daemon/messages/receiver_messages.h"
#include "daemon/process/child_process.h"
#include "daemon/process/message_channel.h"
#include "daemon/service/listening_socket.h"
#include "tests/folders.h"
#include "tests/temp_folder.h"

namespace dinsd {

/// A real dinsd-receiver with a spool of its own at a free port of the loopback; the test is its parent.
class TestReceiver {
 public:
  /// With the spool below `where`.
  explicit TestReceiver(const std::filesystem::path& where = FastFolder())
      : folder_(where), listener_(ListenAt("127.0.0.1", 0)), port_(PortOf(listener_.get())) {
    settings.spool_dir = folder_.path() / "spool";
    settings.least_free_bytes = 0;
  }
  TestReceiver(const TestReceiver&) = delete;
  TestReceiver& operator=(const TestReceiver&) = delete;
  ~TestReceiver() {
    if (process_.pid > 0) Kill();
  }

  /// Returns when it listens.
  void Start() {
    const std::filesystem::path program = std::filesystem::path(kBuildFolder) / "bin/dinsd-receiver";
    ::setenv("ASAN_OPTIONS", "detect_leaks=0", 0);  // of the child: DCMTK loses some memory with each association
    process_ = StartChild(program, {}, {.open_files = 1000});
    SendMessage(process_.socket.get(), ReceiverOrderText({settings, LogForm::kText, Severity::kError}),
                listener_.get());
    ASSERT_EQ(Hear(), ReceiverWord::kReady);
  }

  ReceiverWord Hear() { return ParseReceiverWord(ReceiveMessage(process_.socket.get()).value().text); }
  void Say(ReceiverWord word) { SendMessage(process_.socket.get(), ReceiverWordText(word)); }

  void Kill() {
    ::kill(process_.pid, SIGKILL);
    (void)WaitForEnd();
  }

  int WaitForEnd() {
    int status = 0;
    ::waitpid(process_.pid, &status, 0);
    process_ = {};
    return status;
  }

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] const std::filesystem::path& spool() const { return settings.spool_dir; }

  /// What it has accepted, relative to the spool, in order.
  [[nodiscard]] std::vector<std::filesystem::path> Objects() const {
    std::vector<std::filesystem::path> objects;
    for (const std::filesystem::path& file : Files()) {
      if (file.extension() == ".dcm") objects.push_back(file);
    }
    return objects;
  }

  [[nodiscard]] std::vector<std::filesystem::path> Parts() const {
    std::vector<std::filesystem::path> parts;
    for (const std::filesystem::path& file : Files()) {
      if (file.extension() == ".part") parts.push_back(file);
    }
    return parts;
  }

  /// Study folders.
  [[nodiscard]] std::vector<std::filesystem::path> Studies() const {
    std::vector<std::filesystem::path> studies;
    for (const auto& entry : std::filesystem::directory_iterator(spool())) {
      if (entry.path().filename().string().front() != '.') studies.push_back(entry.path());
    }
    return studies;
  }

  static void WaitUntil(const std::string& what, const std::function<bool()>& is_so) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(120);
    while (!is_so()) {
      if (std::chrono::steady_clock::now() > end) FAIL() << "never: " << what;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  ReceiverSettings settings;

 private:
  [[nodiscard]] std::vector<std::filesystem::path> Files() const {
    std::vector<std::filesystem::path> files;
    std::error_code gone;
    for (std::filesystem::recursive_directory_iterator at(spool(), gone), end; !gone && at != end; at.increment(gone)) {
      if (at->is_regular_file(gone)) files.push_back(at->path().lexically_relative(spool()));
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  TempFolder folder_;
  UniqueFd listener_;
  int port_;
  ChildProcess process_;
};

}  // namespace dinsd
