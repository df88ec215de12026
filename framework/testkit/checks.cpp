// Comparing calls, alone and in threads.
#include <embedloom/testkit/checks.h>

#include <mutex>
#include <thread>

namespace embedloom::testkit {

Contents contents_of(const host::Columns& columns) {
    Contents out;
    for (std::uint32_t column = 0; column < columns.count(); ++column) out.emplace_back(columns.text(column));
    return out;
}

void expect_same_in_threads(const Workshop& workshop, const std::function<Contents(std::uint32_t)>& work) {
    constexpr int rounds = 3;
    const Contents alone = work(0);
    std::mutex lock;
    std::string otherwise;
    const auto run = [&](std::uint32_t worker) {
        try {
            for (int round = 0; round < rounds; ++round)
                expect(work(worker) == alone, "worker " + std::to_string(worker) + " got another result");
        } catch (const std::exception& error) {
            const std::lock_guard held(lock);
            otherwise = error.what();
        }
    };
    std::vector<std::thread> threads;
    for (std::uint32_t worker = 0; worker < workshop.options().threads; ++worker) threads.emplace_back(run, worker);
    for (std::thread& thread : threads) thread.join();
    expect(otherwise.empty(), otherwise);
}

}  // namespace embedloom::testkit
