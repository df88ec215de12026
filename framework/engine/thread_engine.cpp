// The engine of plain threads, each of which takes the next job: what ThreadSanitizer can look into.
#include <embedloom/engine/job_engine.h>
#include <embedloom/engine/signals.h>
#include <embedloom/engine/threads.h>

#include <string>
#include <system_error>
#include <thread>

namespace embedloom::engine {

namespace {

class ThreadEngine final : public JobEngine {
  public:
    ThreadEngine(const Settings& settings, Work& work) : JobEngine(settings, work), pool_(std::make_unique<Pool>()) {}

    ~ThreadEngine() override {
        if (is_forked()) {
            static_cast<void>(pool_.release());  // its threads are not here: nothing that could be joined
            return;
        }
        cancel();
        {
            const Lock lock(mutex_);
            pool_->stop = true;
        }
        pool_->wake.notify_all();
        for (std::thread& thread : pool_->threads) thread.join();
        Lock lock(mutex_);
        while (run_job(lock, 0)) {
        }
    }

  private:
    struct Pool {
        std::condition_variable wake;
        bool stop = false;
        std::vector<std::thread> threads;
    };

    std::optional<base::Error> start() override {
        mark_started();
        const SignalsBlocked blocked;
        try {
            for (std::uint32_t worker = 0; worker < settings_.threads; ++worker)
                pool_->threads.emplace_back([this, worker] { work(worker); });
        } catch (const std::system_error& error) {
            return too_few_threads(pool_->threads.size(), settings_.threads, error);
        }
        return std::nullopt;
    }

    void poke() override { pool_->wake.notify_all(); }

    void work(std::uint32_t worker) noexcept {
        Lock lock(mutex_);
        while (!pool_->stop) {
            try {
                if (run_job(lock, worker))
                    pool_->wake.notify_all();  // what has come of it may be more than one job
                else
                    pool_->wake.wait(lock);
            } catch (...) {
                if (!lock) lock.lock();
                fail(current_error("engine"));
            }
        }
    }

    std::unique_ptr<Pool> pool_;
};

}  // namespace

std::unique_ptr<Engine> make_thread_engine(const Settings& settings, Work& work) {
    return std::make_unique<ThreadEngine>(settings, work);
}

}  // namespace embedloom::engine
