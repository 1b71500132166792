import Dispatch
import Synchronization

/// Waits for asynchronous work; an error stops the program.
func waiting<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) -> Value {
    let done = DispatchSemaphore(value: 0)
    let result = Mutex<Result<Value, any Error>?>(nil)
    Task.detached {
        do {
            let value = try await work()
            result.withLock { $0 = .success(value) }
        } catch {
            result.withLock { $0 = .failure(error) }
        }
        done.signal()
    }
    done.wait()
    switch result.withLock({ $0 }) {
    case .success(let value)?: return value
    case .failure(let error)?: fatalError("\(error)")
    case nil: fatalError("the work has no result")
    }
}

/// The work of ``measureOneRun()``, and its result.
private let measuredWork = Mutex<(@Sendable () async throws -> String)?>(nil)
private let measuredOutcome = Mutex("")

/// Waits for work while instructions are counted: those of all threads.
func measured(_ work: @escaping @Sendable () async throws -> String) -> String {
    measuredWork.withLock { $0 = work }
    measureOneRun()
    return measuredOutcome.withLock { $0 }
}

/// The function that callgrind measures: `Scripts/request-growth.sh` names its symbol.
@inline(never)
func measureOneRun() {
    guard let work = measuredWork.withLock({ $0 }) else { return }
    let outcome = waiting(work)
    measuredOutcome.withLock { $0 = outcome }
}
