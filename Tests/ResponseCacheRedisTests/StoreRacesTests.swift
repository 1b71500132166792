import Foundation
import TestSupport
import Testing

/// Two processes that change, purge, store and look up the same keys through one server.
@Suite(.enabled(if: RedisServer.isInstalled, RedisServer.skipReason), .serialized, .timeLimit(.minutes(5)))
struct StoreRacesTests {
    /// The duration in seconds. `RACE_SECONDS` overrides it.
    static let seconds = ProcessInfo.processInfo.environment["RACE_SECONDS"] ?? "3"

    @Test(arguments: ["shared", "tiered", "reused"])
    func `No look-up finds an entry older than a completed purge`(kind: String) async throws {
        try await RedisFixture.with { redis in
            try await withThrowingTaskGroup(of: (Int32, String).self) { group in
                for number in 0..<2 {
                    group.addTask {
                        try await Self.run([kind, redis.server.url, "race:", "\(number)", "2", Self.seconds])
                    }
                }
                for try await (status, output) in group {
                    #expect(status == 0, "\(output)")
                    print("\(kind) store: \(output)")
                }
            }
        }
    }

    /// Runs the executable that was built with the tests.
    private static func run(_ arguments: [String]) async throws -> (status: Int32, output: String) {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: own).deletingLastPathComponent()
            .appendingPathComponent("StoreRaces")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        return try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { process in
                let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                continuation.resume(
                    returning: (process.terminationStatus, output.trimmingCharacters(in: .whitespacesAndNewlines)))
            }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
    }
}
