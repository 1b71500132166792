import Foundation

/// A process of the executable `BulkCrash`, which was built with the tests.
public final class CrashWorker: Sendable {
    private let process: Process

    /// Starts the executable with arguments.
    ///
    /// - Throws: Foundation's errors.
    public init(_ arguments: [String]) throws {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process = Process()
        process.executableURL = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(
            "BulkCrash")
        process.arguments = arguments
        try process.run()
    }

    /// Whether the process has not exited.
    public var isRunning: Bool { process.isRunning }

    /// Sends a signal to the process, which this object has started and which has not been waited for.
    public func send(_ signal: Int32) {
        guard process.isRunning else { return }
        Foundation.kill(process.processIdentifier, signal)
    }

    /// Stops the process and waits until it has stopped.
    public func stop() {
        send(SIGSTOP)
        let path = "/proc/\(process.processIdentifier)/stat"
        while process.isRunning, let text = try? String(contentsOfFile: path, encoding: .utf8),
            text.split(separator: ")").last?.hasPrefix(" T") != true
        {}
    }

    /// Ends the process in the middle of whatever it does.
    public func kill() async {
        send(SIGKILL)
        while process.isRunning { try? await Task.sleep(for: .milliseconds(1)) }
    }
}
