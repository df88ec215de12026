// The engine that runs everything in next(), on the caller's thread: the oracle of the tests, and for a debugger.
#include <embedloom/engine/job_engine.h>

namespace embedloom::engine {

namespace {

class SerialEngine final : public JobEngine {
  public:
    SerialEngine(const Settings& settings, Work& work) : JobEngine(one_thread(settings), work) {}

    ~SerialEngine() override {
        cancel();
        Lock lock(mutex_);
        while (run_job(lock, 0)) {
        }
    }

  private:
    static Settings one_thread(Settings settings) {
        settings.threads = 1;
        return settings;
    }

    void wait(Lock& lock, Clock::time_point) override {
        if (!run_job(lock, 0))
            fail({.stage = "engine", .found = "nothing to run: " + coordinator_.unfinished(), .hint = "this is a bug"});
    }
};

}  // namespace

std::unique_ptr<Engine> make_serial_engine(const Settings& settings, Work& work) {
    return std::make_unique<SerialEngine>(settings, work);
}

}  // namespace embedloom::engine
