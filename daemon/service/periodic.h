#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <utility>

namespace dinsd {

/// Calls a function again and again on the event loop, for as long as it lives.
class Periodic {
 public:
  Periodic(boost::asio::io_context& io, std::chrono::milliseconds period, std::function<void()> call)
      : timer_(io), period_(period), call_(std::move(call)) {
    Await();
  }

  void Stop() { timer_.cancel(); }

 private:
  void Await() {
    timer_.expires_after(period_);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      Await();
      call_();
    });
  }

  boost::asio::steady_timer timer_;
  std::chrono::milliseconds period_;
  std::function<void()> call_;
};

}  // namespace dinsd
