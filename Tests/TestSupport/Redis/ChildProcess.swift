import Foundation
import Synchronization

/// A child process that ends with this process, however that ends.
///
/// Foundation's `Process` detects the end through a socket that the children of the process inherit, and may signal
/// another process that has its identifier by then.
final class ChildProcess: Sendable {
    private struct State {
        var hasEnded = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    let id: pid_t
    private let state = Mutex(State())

    private init(id: pid_t) { self.id = id }

    /// Starts a command, which begins with the path of a program, and redirects its output to a file.
    static func start(_ command: [String], output: String) async throws -> ChildProcess {
        try await withCheckedThrowingContinuation { continuation in
            // On Linux the end of the starting thread counts as the end of the parent, so this thread stays.
            Thread.detachNewThread {
                do {
                    let child = ChildProcess(id: try spawn(command, output: output))
                    continuation.resume(returning: child)
                    child.watch()
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    /// Whether the process has exited.
    var hasEnded: Bool { state.withLock(\.hasEnded) }

    /// Sends a signal unless the process has exited, since its identifier may have been reused.
    func signal(_ signal: Int32) {
        state.withLock { state in
            if !state.hasEnded { kill(id, signal) }
        }
    }

    /// Stops the process and returns when it has stopped.
    func pause() {
        state.withLock { state in
            guard !state.hasEnded, kill(id, SIGSTOP) == 0 else { return }
            var info = siginfo_t()
            while waitid(P_PID, id_t(id), &info, WSTOPPED | WEXITED | WNOWAIT) == -1, errno == EINTR {}
        }
    }

    /// Waits until the process has exited.
    func end() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.waiters.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    /// Waits for the end on the calling thread.
    private func watch() {
        var info = siginfo_t()
        // The identifier is not reused until the lock is held.
        while waitid(P_PID, id_t(id), &info, WEXITED | WNOWAIT) == -1, errno == EINTR {}
        let waiters = state.withLock { state in
            waitpid(id, nil, 0)
            state.hasEnded = true
            return state.waiters
        }
        Self.forget(id)
        for waiter in waiters { waiter.resume() }
    }
}
